"""What providers report and answer, to canonical usage_events and provider_costs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import polars as pl

from ingest.formats.record_rows import Row
from ingest.formats.value_columns import value_column
from ingest.quality_flags import listed_flags
from ingest.records import event_ids
from ingest.schema import PROVIDER_COSTS, USAGE_EVENTS
from ingest.source import Batch
from ingest.tokens import FLAG_COLUMNS, PART_COLUMNS, split_tokens

# Cached tokens of a modality where the provider reports the crossing, so that none is inferred.
CROSSINGS: Final = {"cached_audio": "audio", "cached_image": "image"}
USAGE_TYPES: Final[Mapping[str, pl.DataType]] = {
    **USAGE_EVENTS,
    **dict.fromkeys((*PART_COLUMNS, *CROSSINGS), pl.Int64()),
    "quality_flags": pl.String(),
}
COST_TYPES: Final[Mapping[str, pl.DataType]] = {**PROVIDER_COSTS, "quality_flags": pl.String()}


def usage_frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Columns of rows that all have the same names; see usage_batch."""
    return _frame(rows, USAGE_TYPES)


def usage_columns(columns: Mapping[str, Sequence[Any]]) -> Iterator[pl.Series]:
    """Columns by name with the types of usage_batch; what it does not name is true or false."""
    for name, values in columns.items():
        yield value_column(name, values, USAGE_TYPES.get(name, pl.Boolean()))


def cost_frame(rows: Sequence[Row]) -> pl.DataFrame:
    """Columns of provider_costs, natural_key among them, of rows that have the same names."""
    return _frame(rows, COST_TYPES)


def usage_batch(source: str, instance: str, frame: pl.DataFrame) -> Batch:
    """Canonical usage events.

    Args:
        source: Name of the source, for the event ids.
        instance: Who wrote the file, for the event ids.
        frame: Columns of usage_events, PART_COLUMNS and CROSSINGS, natural_key among them;
            quality_flags is what the reader itself found, as joined_flags tells it.

    Returns:
        The rows with disjoint token classes, event ids and all quality flags.
    """
    absent = [name for name in (*PART_COLUMNS, *CROSSINGS) if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, dtype=pl.Int64()).alias(name) for name in absent)
    frame = _cross(split_tokens(frame))
    raised = [pl.when(pl.col(name)).then(pl.lit(name)) for name in FLAG_COLUMNS]
    keys = frame["natural_key"].to_list()
    frame = frame.with_columns(
        pl.Series("event_id", event_ids(source, instance, keys), pl.String()),
        listed_flags(pl.col("quality_flags"), *raised),
        pl.lit(1.0).alias("sampling_ratio"),
    )
    return Batch(table="usage_events", frame=frame.drop(*FLAG_COLUMNS))


def cost_batch(source: str, instance: str, frame: pl.DataFrame) -> Batch:
    """Canonical provider costs, of what cost_frame gives."""
    ids = event_ids(source, instance, frame["natural_key"].to_list())
    return Batch(
        table="provider_costs",
        frame=frame.with_columns(
            pl.Series("cost_id", ids, pl.String()), listed_flags(pl.col("quality_flags"))
        ),
    )


def _frame(rows: Sequence[Row], types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    return pl.DataFrame(
        [value_column(name, [row[name] for row in rows], types[name]) for name in rows[0]]
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
