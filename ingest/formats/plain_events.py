"""Requests of a gateway's or a client's log, read in a plain form, to batches of usage_events."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from ingest.formats.usage_rows import Event, event_batch
from ingest.source import Batch

# What all these requests have.
CONSTANTS: Final = (
    pl.col("natural_key").alias("request_id"),
    pl.lit("request").alias("grain"),
    pl.lit(1, pl.Int64()).alias("request_count"),
    pl.lit(1.0).alias("sampling_ratio"),
    pl.when(pl.col("reported_cost_usd").is_not_null())
    .then(pl.lit("gateway_estimate"))
    .alias("reported_cost_kind"),
)


def event_values(event: Event, types: Mapping[str, pl.DataType]) -> tuple[object, ...]:
    """The values of one event in the order of `types`; quality_flags as joined_flags tells them."""
    told = event | {"quality_flags": ",".join(event.get("quality_flags", ()))}
    return tuple(told.get(name) for name in types)


def plain_batch(source: str, instance: str, frame: pl.DataFrame) -> Batch:
    """A batch of usage events, the key of which is the id of a request; see event_batch."""
    return event_batch(source, instance, frame.with_columns(CONSTANTS))
