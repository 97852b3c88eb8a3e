"""What providers report and answer, to canonical usage_events and provider_costs."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import polars as pl

from ingest.records import BATCH_ROWS, RECORD_ERRORS, event_ids, reject_record
from ingest.schema import PROVIDER_COSTS, USAGE_EVENTS
from ingest.source import Batch, Reject
from ingest.times import TimestampError
from ingest.tokens import FLAG_COLUMNS, PART_COLUMNS, split_tokens

# Cached tokens of a modality where the provider reports the crossing, so that none is inferred.
CROSSINGS: Final = {"cached_audio": "audio", "cached_image": "image"}
USAGE_TYPES: Final[Mapping[str, pl.DataType]] = {
    **USAGE_EVENTS,
    **dict.fromkeys((*PART_COLUMNS, *CROSSINGS), pl.Int64()),
}

Row = dict[str, object]
Item = TypeVar("Item")


def translated(
    items: Iterable[tuple[int, Item] | Reject],
    translate: Callable[[int, Item], Sequence[Row]],
    time_column: str = "timestamp",
) -> Iterator[Row | Reject]:
    """Rows of numbered items; an item that cannot be translated is one reject.

    Args:
        items: Line numbers and items; rejects pass through.
        translate: Gives the rows of an item; raises what RECORD_ERRORS names, or TimestampError.
        time_column: Named in the reject where a time could not be placed.
    """
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        try:
            rows = translate(*item)
        except TimestampError as error:
            yield error.reject(item[0], time_column)
        except RECORD_ERRORS as error:
            yield reject_record(error, item[0])
        else:
            yield from rows


def batches(
    rows: Iterable[Row | Reject], to_batch: Callable[[Sequence[Row]], Batch]
) -> Iterator[Batch | Reject]:
    """Batches of at most 50,000 rows; rejects pass through."""
    held: list[Row] = []
    for row in rows:
        if isinstance(row, Reject):
            yield row
            continue
        held.append(row)
        if len(held) == BATCH_ROWS:
            yield to_batch(held)
            held = []
    if held:
        yield to_batch(held)


def usage_batch(source: str, instance: str, rows: Sequence[Row]) -> Batch:
    """Canonical usage events.

    Args:
        source: Name of the source, for the event ids.
        instance: Who wrote the file, for the event ids.
        rows: Columns of usage_events, PART_COLUMNS and CROSSINGS by name, natural_key among them;
            quality_flags is what the reader itself found. All rows have the same names.

    Returns:
        The rows with disjoint token classes, event ids and all quality flags.
    """
    frame = _frame(rows, USAGE_TYPES)
    absent = [name for name in (*PART_COLUMNS, *CROSSINGS) if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, dtype=pl.Int64()).alias(name) for name in absent)
    frame = _cross(split_tokens(frame))
    raised = [pl.when(pl.col(name)).then(pl.lit(name)) for name in FLAG_COLUMNS]
    keys = frame["natural_key"].to_list()
    frame = frame.with_columns(
        pl.Series("event_id", event_ids(source, instance, keys), pl.String()),
        pl.concat_list("quality_flags", *raised).list.drop_nulls(),
        pl.lit(1.0).alias("sampling_ratio"),
    )
    return Batch(table="usage_events", frame=frame.drop(*FLAG_COLUMNS))


def cost_batch(source: str, instance: str, rows: Sequence[Row]) -> Batch:
    """Canonical provider costs of rows with columns of provider_costs, natural_key among them."""
    frame = _frame(rows, PROVIDER_COSTS)
    ids = event_ids(source, instance, frame["natural_key"].to_list())
    return Batch(
        table="provider_costs",
        frame=frame.with_columns(pl.Series("cost_id", ids, pl.String())),
    )


def _frame(rows: Sequence[Row], types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(
        [pl.Series(name, [row[name] for row in rows], types[name], strict=True) for name in rows[0]]
    )


def _cross(frame: pl.DataFrame) -> pl.DataFrame:
    """Move reported cached tokens of a modality out of the cached ones."""
    for name, modality in CROSSINGS.items():
        cached, amount = pl.col("cache_read_input_tokens"), pl.col(name)
        is_known = amount.is_not_null() & cached.is_not_null()
        moved = pl.when(is_known).then(pl.min_horizontal(amount, cached))
        column = f"cache_read_{modality}_input_tokens"
        frame = frame.with_columns(
            moved.otherwise(pl.col(column)).alias(column),
            (cached - moved.otherwise(0)).alias("cache_read_input_tokens"),
            (pl.col("clamped") | (amount > cached).fill_null(value=False)).alias("clamped"),
            (pl.col("inferred_cross") & amount.is_null()).alias("inferred_cross"),
        )
    return frame.drop(*CROSSINGS)
