"""Requests that a reader translated one by one, to batches of usage_events."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import Any, Final

import polars as pl

from ingest.formats.count_columns import detail_columns, part_columns
from ingest.formats.record_rows import AnyRow, Aside, Row, batches, frame_batches
from ingest.formats.value_columns import value_column
from ingest.quality_flags import raised_flags
from ingest.records import FieldError, event_ids
from ingest.schema import USAGE_EVENTS
from ingest.source import Batch, InputFile, Reject
from ingest.tokens import FLAG_COLUMNS, PART_COLUMNS, flatten_tokens, split_tokens

TYPES: Final = {**USAGE_EVENTS, **dict.fromkeys(PART_COLUMNS, pl.Int64())}

# The scope of keys that are unique whatever folder or machine a log lies on.
EVERYWHERE: Final = ""


def usage_batches(
    file: InputFile,
    source: str,
    rows: Iterable[AnyRow | Aside],
    to_frame: Callable[[Sequence[AnyRow]], pl.DataFrame],
    flags: Sequence[str],
    *,
    scope: str | None = None,
) -> Iterator[Batch | Reject]:
    """Batches of at most 50,000 usage events; rejects, and batches of other tables, pass through.

    Args:
        file: Where the rows come from.
        source: The source's name, a part of every event id.
        rows: Events of one source.
        to_frame: Gives their columns; see event_frame.
        flags: Columns that are flags, in the order in which they are told.
        scope: Where equal natural keys are the same event; None: within the file's instance.
    """
    key_scope = file.instance if scope is None else scope
    return batches(rows, to_frame, partial(_batch, source, key_scope, flags))


def usage_frame_batches(
    file: InputFile,
    source: str,
    frames: Iterable[pl.DataFrame | Reject],
    flags: Sequence[str],
) -> Iterator[Batch | Reject]:
    """What usage_batches yields, about 50,000 events each, of frames as event_frame gives them."""
    return frame_batches(frames, partial(_batch, source, file.instance, flags))


def event_frame(
    columns: Mapping[str, Sequence[Any]],
    counts: Sequence[Mapping[str, int]],
    paths: Mapping[str, tuple[str, ...]],
    known: frozenset[str],
) -> pl.DataFrame:
    """Events as columns.

    Args:
        columns: Values of columns of usage_events; those of other names are flags.
        counts: The token counts of each event, under their dotted paths.
        paths: Column of usage_events, or one that split_tokens takes -> the paths of its counts.
        known: Paths that the reader knows.

    Returns:
        All these, and what detail_columns tells.
    """
    values = [
        value_column(name, column, TYPES.get(name, pl.Boolean()))
        for name, column in columns.items()
    ]
    return pl.DataFrame([*values, *part_columns(counts, paths), *detail_columns(counts, known)])


def row_columns(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """The values of rows that all have the same names, by name."""
    return {name: [row[name] for row in rows] for name in rows[0]}


def token_counts(usage: Mapping[str, object], known: Collection[str]) -> dict[str, int]:
    """Every reported count under its dotted path.

    Raises:
        FieldError: A count is not a whole number from 0 to 10**9, or a known one is no number.
    """
    counts = flatten_tokens(usage)
    for name in [name for name in usage if name not in counts]:
        if name in known and usage[name] is not None:
            raise FieldError(name, "not a number of tokens")
    return counts


def project_of(folder: str | None) -> str | None:
    """A project's id: a hash of its folder, whose path is private."""
    return f"dir-{sha256(folder.encode()).hexdigest()[:16]}" if folder else None


def _batch(source: str, scope: str, flags: Sequence[str], frame: pl.DataFrame) -> Batch:
    absent = {"request_model", "reported_total_tokens", *PART_COLUMNS}.difference(frame.columns)
    sums = pl.sum_horizontal("input_total", "output_total")
    frame = frame.with_columns(pl.lit(None, TYPES[name]).alias(name) for name in absent)
    frame = split_tokens(
        frame.with_columns((pl.col("reported_total_tokens") != sums).alias("residual"))
    )
    model = pl.coalesce("response_model", "request_model")
    raised = {
        **{name: pl.col(name) for name in (*flags, *FLAG_COLUMNS)},
        "no_model": model.is_null(),
        "residual": pl.col("residual"),
    }
    ids = event_ids(source, scope, frame["natural_key"].to_list())
    frame = frame.with_columns(
        pl.Series("event_id", ids, pl.String()),
        pl.lit("request").alias("grain"),
        pl.lit(1, pl.Int64()).alias("request_count"),
        raised_flags(raised),
    )
    return Batch(table="usage_events", frame=frame.drop("residual", *flags, *FLAG_COLUMNS))
