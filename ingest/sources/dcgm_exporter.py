"""dcgm-exporter, scraped or as Prometheus stored it: one row for each GPU or MIG instance and time.

A GPU that several pods or jobs share is reported once for each of them. That is one physical
reading, so a value is the maximum over those series, and their labels go to gpu_attributions.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from ingest.formats.dcgm_series import ATTRIBUTION_COLUMNS, DEVICE_COLUMNS, series_frame
from ingest.formats.dcgm_values import (
    ENERGY,
    MEBIBYTES,
    METRICS,
    NUMBERS,
    PER_INSTANCE,
    REASONS,
    canonical_values,
)
from ingest.formats.gpu import NOT_UNDER_MIG, null_reasons
from ingest.formats.prometheus import readings
from ingest.formats.prometheus_samples import Readings, rejects_of
from ingest.source import Batch, InputFile, Reject, Source

BATCH_ROWS: Final = 100_000
KEY: Final = ("sampled_at", "entity_id")


def _wide(values: pl.DataFrame) -> pl.DataFrame:
    """One row for each time and GPU or instance; `<column>?` says why a value is NULL."""
    cells = values.group_by(*KEY, "column").agg(
        pl.col("number").max(),
        pl.col("null_reason").max(),
        pl.col("series_id", "line_number").min(),
    )
    # Of two series of one GPU one may be blank: the other still tells the value.
    reasons = cells.filter(pl.col("number").is_null()).with_columns(pl.col("column") + "?")
    energy = (
        values.filter(pl.col("column") == ENERGY, pl.col("number").is_not_null())
        .group_by(*KEY)
        .agg(
            (pl.col("value").cast(pl.Decimal(38, 6), strict=False) / 1000).max().alias(ENERGY)
        )  # exact, from mJ
    )
    return (
        cells.group_by(*KEY)
        .agg(pl.col("series_id", "line_number").min())
        .join(_pivoted(cells, "number", NUMBERS), on=KEY)
        .join(_pivoted(reasons, "null_reason", REASONS), on=KEY, how="left")
        .join(energy, on=KEY, how="left")
    )


def _pivoted(cells: pl.DataFrame, values: str, names: list[str]) -> pl.DataFrame:
    return cells.pivot(
        "column", on_columns=names, index=KEY, values=values, aggregate_function="first"
    )


def _samples(part: Readings, series: pl.DataFrame) -> pl.DataFrame:
    device = series.select("series_id", "gpu_uuid", "mig_instance_id", "gpu_index", *DEVICE_COLUMNS)
    profiles = series.group_by("entity_id").agg(pl.col("mig_profile").drop_nulls().min())
    partitioned = part.frame.join(
        series.filter(pl.col("labelled_mig_instance_id").is_not_null()), on="series_id"
    ).select("sampled_at", "gpu_uuid", is_mig=True)
    rows = (
        _wide(canonical_values(part, series))
        .join(device, on="series_id")
        .join(profiles, on="entity_id")
        .join(partitioned.unique(), on=["sampled_at", "gpu_uuid"], how="left")
    )
    return _canonical(rows).sort("sampled_at", "gpu_uuid", "mig_instance_id", nulls_last=False)


def _canonical(rows: pl.DataFrame) -> pl.DataFrame:
    is_mig = pl.col("is_mig").is_not_null()
    reasons = {name.removesuffix("?"): pl.col(name) for name in REASONS}
    for name in NOT_UNDER_MIG:
        reasons[name] = pl.when(is_mig).then(pl.lit("mig")).otherwise(reasons[name])
    integers = (*MEBIBYTES.values(), "last_xid_code")
    parts = (pl.col(f"memory_{part}_bytes") for part in ("used", "free", "reserved"))
    return (
        rows.with_columns(
            pl.when(~is_mig).then(pl.col(NOT_UNDER_MIG)),
            null_reasons(reasons).alias("null_reasons"),
            pl.col(integers).round().cast(pl.Int64),
            # DCGM leaves it to the driver whether this is an average.
            pl.when(pl.col("power_watts").is_not_null())
            .then(pl.lit("unknown"))
            .alias("power_kind"),
        )
        .with_columns(
            pl.coalesce(
                "memory_total_bytes", pl.sum_horizontal(list(parts), ignore_nulls=False)
            ).alias("memory_total_bytes")
        )
        .drop("entity_id", "series_id", "is_mig", *REASONS)
    )


def _attributions(part: Readings, series: pl.DataFrame) -> pl.DataFrame:
    """Who used which GPU at which time, without the physical values."""
    labels = ("host_name", "gpu_uuid", "mig_instance_id", *ATTRIBUTION_COLUMNS)
    attributed = series.filter(pl.any_horizontal(pl.col(ATTRIBUTION_COLUMNS).is_not_null()))
    attributed = attributed.with_columns(
        pl.col("labelled_mig_instance_id").alias("mig_instance_id")
    )
    ranked = attributed.with_columns(pl.struct(labels).rank("dense").alias("labels_id"))
    return (
        part.frame.join(ranked.select("series_id", "labels_id"), on="series_id")
        .group_by("sampled_at", "labels_id")
        .agg(pl.col("line_number").min())
        .join(ranked.select("labels_id", *labels).unique(), on="labels_id")
        .drop("labels_id")
        .sort("sampled_at", "line_number", *labels)
    )


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate scrapes, or JSON answers of the Prometheus API, into GPU samples.

    Args:
        file: Text of one or many scrapes; or query_range answers, or instant queries of a range
            selector, one document or one a line.

    Yields:
        gpu_samples, gpu_attributions, and rejects for what cannot be read.
    """
    for part in readings(file, METRICS.__contains__):
        if isinstance(part, Reject):
            yield part
            continue
        series = series_frame(file, part.series, METRICS, PER_INSTANCE)
        yield from rejects_of(part.frame.join(series, on="series_id", how="anti"), _NO_UUID)
        for batch in _samples(part, series).iter_slices(BATCH_ROWS):
            yield Batch(table="gpu_samples", frame=batch)
        for batch in _attributions(part, series).iter_slices(BATCH_ROWS):
            yield Batch(table="gpu_attributions", frame=batch)


_NO_UUID = Reject(
    line_number=None,
    column_name="gpu_uuid",
    reason_code="missing_label",
    message="the sample has no UUID label",
    remedy="keep the UUID label when you relabel or aggregate dcgm-exporter's metrics",
)

SOURCE = Source(
    name="dcgm_exporter",
    role="telemetry",
    tables=("gpu_samples", "gpu_attributions"),
    version=1,
    description="NVIDIA dcgm-exporter: scrapes, or what Prometheus stored of them",
    docs="https://github.com/NVIDIA/dcgm-exporter",
    reads_name=True,
    read=read,
)
