"""Requests that a reader translated one by one, to batches of usage_events."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Final

import polars as pl

from ingest.formats.record_rows import Row, batches
from ingest.formats.value_columns import null_column, value_column
from ingest.quality_flags import listed_flags
from ingest.records import FieldError, event_ids
from ingest.schema import USAGE_EVENTS
from ingest.source import Batch, InputFile, Reject
from ingest.tokens import FLAG_COLUMNS, PART_COLUMNS, flatten_tokens, split_tokens

# A Row here has columns of usage_events, the parts that split_tokens takes, and `flags`, as
# joined_flags tells them.
TYPES: Final = {
    **USAGE_EVENTS,
    **dict.fromkeys(PART_COLUMNS, pl.Int64()),
    "flags": pl.String(),
}


# The scope of keys that are unique whatever folder or machine a log lies on.
EVERYWHERE: Final = ""


def usage_batches(
    file: InputFile, source: str, rows: Iterable[Row | Reject], *, scope: str | None = None
) -> Iterator[Batch | Reject]:
    """Batches of at most 50,000 usage events; rejects pass through.

    Args:
        file: Where the rows come from.
        source: The source's name, a part of every event id.
        rows: Events of one source; all have the same keys.
        scope: Where equal natural keys are the same event; None: within the file's instance.
    """
    key_scope = file.instance if scope is None else scope
    return batches(rows, _frame, partial(_batch, source, key_scope))


def token_counts(usage: Mapping[str, object], known: Collection[str]) -> dict[str, int]:
    """Every reported count under its dotted path.

    Raises:
        FieldError: A count is not a whole number from 0 to 10**9, or a known one is no number.
    """
    counts = flatten_tokens(usage)
    for name, value in usage.items():
        if name in known and value is not None and name not in counts:
            raise FieldError(name, "not a number of tokens")
    return counts


def project_of(folder: str | None) -> str | None:
    """A project's id: a hash of its folder, whose path is private."""
    return f"dir-{sha256(folder.encode()).hexdigest()[:16]}" if folder else None


def _frame(rows: Sequence[Row]) -> pl.DataFrame:
    told = [value_column(name, [row[name] for row in rows], TYPES[name]) for name in rows[0]]
    absent = {"request_model", *PART_COLUMNS} - rows[0].keys()
    return pl.DataFrame([*told, *(null_column(name, len(rows), TYPES[name]) for name in absent)])


def _batch(source: str, scope: str, frame: pl.DataFrame) -> Batch:
    sums = pl.sum_horizontal("input_total", "output_total")
    frame = split_tokens(
        frame.with_columns((pl.col("reported_total_tokens") != sums).alias("residual"))
    )
    model = pl.coalesce("response_model", "request_model")
    raised = {
        **{name: pl.col(name) for name in FLAG_COLUMNS},
        "no_model": model.is_null(),
        "residual": pl.col("residual"),
    }
    flags = [pl.when(is_raised).then(pl.lit(name)) for name, is_raised in raised.items()]
    ids = event_ids(source, scope, frame["natural_key"].to_list())
    frame = frame.with_columns(
        pl.Series("event_id", ids, pl.String()),
        pl.lit("request").alias("grain"),
        listed_flags(pl.col("flags"), *flags),
    )
    return Batch(table="usage_events", frame=frame.drop("flags", "residual", *FLAG_COLUMNS))
