"""Mapped columns of a request log to usage_events: token classes, times from durations, flags."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from ingest.mapping_spec import MappingSpec
from ingest.mapping_targets import DURATIONS, MONEY
from ingest.quality_flags import raised_flags
from ingest.tokens import FLAG_COLUMNS, LIFETIMES, PART_COLUMNS, split_tokens

DURATION: Final = "request_duration"


def usage_events(frame: pl.DataFrame, spec: MappingSpec) -> pl.DataFrame:
    """Add disjoint token classes, times from durations, and what is the same for every row.

    Args:
        frame: Mapped columns, token counts under the names of their parts.
        spec: What the mapping states about them.

    Returns:
        Columns of usage_events without lineage.
    """
    missing = [name for name in PART_COLUMNS if name not in frame.columns]
    frame = frame.with_columns(pl.lit(None, dtype=pl.Int64()).alias(name) for name in missing)
    frame = frame.with_columns(
        pl.col("input_total").alias("reported_input_tokens"),
        pl.col("output_total").alias("reported_output_tokens"),
        _inclusive_input(spec).alias("input_total"),
        _inclusive_output(spec).alias("output_total"),
    )
    frame = _timed(split_tokens(frame))
    return frame.with_columns(
        pl.lit("request").alias("grain"),
        pl.lit(spec.input_semantics or "inclusive").alias("reported_input_semantics"),
        raised_flags({name: pl.col(name) for name in FLAG_COLUMNS}),
        *_defaults(frame),
    ).drop(*FLAG_COLUMNS)


def _timed(frame: pl.DataFrame) -> pl.DataFrame:
    """Times from durations: an end from its start, or a start from its end."""
    if "started_at" not in frame.columns:
        frame = frame.with_columns((pl.col("ended_at") - pl.col(DURATION)).alias("started_at"))
    durations = [name for name in DURATIONS if name in frame.columns]
    return frame.with_columns(
        (pl.col("started_at") + pl.col(name)).alias(DURATIONS[name]) for name in durations
    ).drop(durations)


def _defaults(frame: pl.DataFrame) -> Iterator[pl.Expr]:
    """Columns that the mapping leaves out and a request log implies."""
    if "request_count" not in frame.columns:
        yield pl.lit(1, dtype=pl.Int64()).alias("request_count")
    if "status" not in frame.columns:
        yield pl.lit("unknown").alias("status")
    if MONEY in frame.columns:
        has_cost = pl.col(MONEY).is_not_null()
        yield pl.when(has_cost).then(pl.lit("gateway_estimate")).alias("reported_cost_kind")


def _inclusive_input(spec: MappingSpec) -> pl.Expr:
    total = pl.col("input_total")
    if spec.input_semantics in (None, "inclusive"):
        return total
    total = total + pl.col("input_cache_read").fill_null(0)
    if spec.input_semantics == "excludes_cache":
        lifetimes = pl.sum_horizontal(f"input_cache_write_{life}" for life in LIFETIMES)
        total = total + pl.coalesce("input_cache_write", lifetimes)
    return total


def _inclusive_output(spec: MappingSpec) -> pl.Expr:
    total = pl.col("output_total")
    if spec.output_semantics == "excludes_reasoning":
        return total + pl.col("output_reasoning").fill_null(0)
    return total
