"""Requests that a reader translated one by one, to batches of usage_events."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final

import msgspec
import polars as pl

from ingest.records import BATCH_ROWS, RECORD_ERRORS, FieldError, event_ids, reject_record
from ingest.schema import USAGE_EVENTS
from ingest.source import Batch, InputFile, Reject
from ingest.times import TimestampError
from ingest.tokens import FLAG_COLUMNS, PART_COLUMNS, flatten_tokens, split_tokens

# Columns of usage_events, the parts that split_tokens takes, and `flags`, quality flags
# joined by commas: a column of Python lists costs a third of the reading.
Row = dict[str, object]
Translate = Callable[[int, bytes], list[Row]]

ENCODER: Final = msgspec.json.Encoder(order="sorted")
TYPES: Final = {
    **USAGE_EVENTS,
    **dict.fromkeys(PART_COLUMNS, pl.Int64()),
    "flags": pl.String(),
}


def translated(
    lines: Iterable[tuple[int, bytes] | Reject], translate: Translate, time_column: str
) -> Iterator[Row | Reject]:
    """Translate line by line.

    Args:
        lines: Lines with their numbers, and rejects, which pass through.
        translate: Gives the events of a line; raises what RECORD_ERRORS names, or TimestampError.
        time_column: Named in the reject where a time could not be placed.

    Yields:
        All events of a line, or its reject.
    """
    for line in lines:
        if isinstance(line, Reject):
            yield line
            continue
        try:
            rows = translate(*line)
        except TimestampError as error:
            yield error.reject(line[0], time_column)
        except RECORD_ERRORS as error:
            yield reject_record(error, line[0])
        else:
            yield from rows


def usage_batches(
    file: InputFile, source: str, rows: Iterable[Row | Reject]
) -> Iterator[Batch | Reject]:
    """Batches of at most 50,000 usage events; rejects pass through.

    Args:
        file: Where the rows come from.
        source: The source's name, a part of every event id.
        rows: Events of one source; all have the same keys.
    """
    held: list[Row] = []
    for row in rows:
        if isinstance(row, Reject):
            yield row
            continue
        held.append(row)
        if len(held) == BATCH_ROWS:
            yield _batch(held, source, file.instance)
            held = []
    if held:
        yield _batch(held, source, file.instance)


def reported_details(usage: Mapping[str, int]) -> str | None:
    """Every reported count under its dotted path, as JSON text; None if there is none."""
    return ENCODER.encode(usage).decode() if usage else None


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


def has_unknown_tokens(usage: Mapping[str, int], known: Collection[str]) -> bool:
    """Whether tokens of a kind were used that the reader does not know."""
    return any(usage[path] for path in usage.keys() - known if "token" in path)


def joined_flags(**flags: bool) -> str:
    """The names of the quality flags that are raised, as the column `flags` holds them."""
    return ",".join(name for name, is_raised in flags.items() if is_raised)


def project_of(folder: str | None) -> str | None:
    """A project's id: a hash of its folder, whose path is private."""
    return f"dir-{sha256(folder.encode()).hexdigest()[:16]}" if folder else None


def _batch(rows: list[Row], source: str, instance: str) -> Batch:
    names = dict.fromkeys((*rows[0], "request_model", *PART_COLUMNS))
    frame = pl.DataFrame(
        [
            pl.Series(name, [row.get(name) for row in rows], TYPES[name], strict=True)
            for name in names
        ]
    )
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
    told = pl.concat_list(pl.col("flags").str.split(","), *flags)
    ids = event_ids(source, instance, frame["natural_key"].to_list())
    frame = frame.with_columns(
        pl.Series("event_id", ids, pl.String()),
        pl.lit("request").alias("grain"),
        told.list.eval(pl.element().filter(pl.element() != "")).alias("quality_flags"),
    )
    return Batch(table="usage_events", frame=frame.drop("flags", "residual", *FLAG_COLUMNS))
