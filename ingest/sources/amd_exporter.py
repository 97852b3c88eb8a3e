"""AMD's Device Metrics Exporter, scraped or as Prometheus stored it.

A GPU that several pods share is reported once for each of them. That is one physical reading, so a
value is the maximum over those series, and their labels go to gpu_attributions.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import polars as pl

from ingest.formats.amd_metrics import ENERGY, MEBIBYTES, MICROJOULES, NUMBERS, POWERS, metric_name
from ingest.formats.amd_metrics import converted as with_units
from ingest.formats.amd_series import ATTRIBUTION_COLUMNS, DEVICE_COLUMNS, series_frame
from ingest.formats.gpu import null_reasons
from ingest.formats.prometheus import readings
from ingest.formats.prometheus_samples import Readings, rejects_of
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "amd_exporter"
BATCH_ROWS: Final = 100_000
KEY: Final = ("sampled_at", "gpu_uuid", "mig_instance_id")
_NO_GPU: Final = Reject(
    line_number=None,
    column_name="gpu_uuid",
    reason_code="missing_label",
    message="the sample has neither serial_number nor gpu_id",
    remedy="keep these labels when you relabel or aggregate the exporter's metrics",
)


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate scrapes, or JSON answers of the Prometheus API, into GPU samples.

    Options: `metric_prefix`, if it is neither empty nor `amd_`; `host_name`.

    Args:
        file: Text of one or many scrapes; or query_range answers.

    Yields:
        gpu_samples, gpu_attributions, and rejects for what cannot be read.
    """
    name_of = metric_name(file)
    for part in readings(file, lambda sample: name_of(sample) is not None):
        if isinstance(part, Reject):
            yield part
            continue
        series = series_frame(file, part.series, name_of)
        nameless = [
            number
            for number, one in enumerate(part.series)
            if one.label("gpu_uuid", "serial_number", "gpu_id") is None
        ]
        yield from rejects_of(part.frame.filter(pl.col("series_id").is_in(nameless)), _NO_GPU)
        if not series.height:
            continue
        for batch in _samples(part, series).iter_slices(BATCH_ROWS):
            yield Batch(table="gpu_samples", frame=batch)
        for batch in _attributions(part, series).iter_slices(BATCH_ROWS):
            yield Batch(table="gpu_attributions", frame=batch)


def _samples(part: Readings, series: pl.DataFrame) -> pl.DataFrame:
    """One row for each time and GPU, or partition of a GPU."""
    values = with_units(part.frame.join(series, on="series_id"))
    cells = values.group_by(*KEY, "column").agg(pl.col("number").max(), pl.col("null_reason").max())
    reasons = cells.filter(pl.col("number").is_null())
    rows = (
        values.group_by(KEY)
        .agg(
            pl.col("line_number", "gpu_index").min(),
            pl.col("mig_profile", *DEVICE_COLUMNS).drop_nulls().first(),
        )
        .join(_pivoted(cells, "number", ""), on=KEY, nulls_equal=True)
        .join(_pivoted(reasons, "null_reason", "?"), on=KEY, how="left", nulls_equal=True)
        .join(_energy(values), on=KEY, how="left", nulls_equal=True)
    )
    return _canonical(rows).sort(KEY, nulls_last=False)


def _pivoted(cells: pl.DataFrame, values: str, suffix: str) -> pl.DataFrame:
    columns = [*NUMBERS, ENERGY]
    wide = cells.pivot(
        "column", on_columns=columns, index=KEY, values=values, aggregate_function="first"
    )
    return wide.rename({name: name + (suffix or ":number") for name in columns})


def _energy(values: pl.DataFrame) -> pl.DataFrame:
    """Cumulative joules, exact from the microjoules as they are written, 5.2e+12 too."""
    found = values.filter(pl.col("column") == ENERGY, pl.col("number").is_not_null())
    texts = found["value"].unique()
    joules = [Decimal(text) / MICROJOULES for text in texts]
    exact = found["value"].replace_strict(texts, pl.Series(joules, dtype=pl.Decimal(38, 6)))
    return found.with_columns(exact.alias(ENERGY)).group_by(KEY).agg(pl.col(ENERGY).max())


def _canonical(rows: pl.DataFrame) -> pl.DataFrame:
    numbers = {name: pl.col(f"{name}:number") for name in NUMBERS if not name.startswith("power:")}
    watts = {f"power:{name}:number": kind for name, kind in POWERS.items()}
    kind = pl.coalesce(
        pl.when(pl.col(name).is_not_null()).then(pl.lit(kind)) for name, kind in watts.items()
    )
    power = pl.coalesce(list(watts))
    reasons = {name: pl.col(f"{name}?") for name in (*numbers, ENERGY)}
    missing_power = pl.coalesce(f"power:{name}?" for name in POWERS)
    reasons["power_watts"] = pl.when(power.is_null()).then(missing_power)
    return rows.select(
        *KEY,
        "gpu_index",
        "mig_profile",
        *DEVICE_COLUMNS,
        *(number.alias(name) for name, number in numbers.items() if name not in _WHOLE),
        *(
            number.round().cast(pl.Int64).alias(name)
            for name, number in numbers.items()
            if name in _WHOLE
        ),
        power.alias("power_watts"),
        kind.alias("power_kind"),
        ENERGY,
        null_reasons(reasons).alias("null_reasons"),
        "line_number",
    )


_WHOLE: Final = frozenset(MEBIBYTES.values())


def _attributions(part: Readings, series: pl.DataFrame) -> pl.DataFrame:
    """Who used which GPU at which time, without the physical values."""
    labels = ("host_name", "gpu_uuid", "mig_instance_id", *ATTRIBUTION_COLUMNS)
    attributed = series.filter(pl.any_horizontal(pl.col(ATTRIBUTION_COLUMNS).is_not_null()))
    attributed = attributed.with_columns(pl.col("labelled_instance_id").alias("mig_instance_id"))
    return (
        part.frame.join(attributed.select("series_id", *labels), on="series_id")
        .group_by("sampled_at", *labels)
        .agg(pl.col("line_number").min())
        .sort("sampled_at", "line_number", *labels)
    )


SOURCE: Final = Source(
    name=NAME,
    role="telemetry",
    tables=("gpu_samples", "gpu_attributions"),
    version=1,
    description="AMD Device Metrics Exporter: scrapes, or what Prometheus stored of them",
    docs="https://instinct.docs.amd.com/projects/device-metrics-exporter/",
    read=read,
    reads_name=True,
)
