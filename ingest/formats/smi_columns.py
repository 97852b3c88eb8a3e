"""nvidia-smi's fields: columns, units, and what it writes instead of a number."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from ingest.formats.gpu import BYTES_PER_MIB, NOT_UNDER_MIG, null_reasons
from ingest.schema import GPU_SAMPLES

# Field of --query-gpu -> column; of two fields for one column the first that has a value counts.
TEXTS: Final[Mapping[str, str]] = {
    "index": "gpu_index",
    "uuid": "gpu_uuid",
    "gpu_uuid": "gpu_uuid",
    "name": "gpu_model",
    "gpu_name": "gpu_model",
    "driver_version": "driver_version",
}
# Field -> column, unit as nvidia-smi writes it, factor and divisor to the column's unit.
NUMBERS: Final[Mapping[str, tuple[str, str, int, int]]] = {
    "utilization.gpu": ("gpu_utilization_ratio", "%", 1, 100),
    "utilization.memory": ("memory_copy_utilization_ratio", "%", 1, 100),
    "memory.used": ("memory_used_bytes", "MiB", BYTES_PER_MIB, 1),
    "memory.reserved": ("memory_reserved_bytes", "MiB", BYTES_PER_MIB, 1),
    "memory.free": ("memory_free_bytes", "MiB", BYTES_PER_MIB, 1),
    "memory.total": ("memory_total_bytes", "MiB", BYTES_PER_MIB, 1),
    "power.draw.average": ("power_watts", "W", 1, 1),
    "power.draw": ("power_watts", "W", 1, 1),
    "power.draw.instant": ("power_watts", "W", 1, 1),
    "enforced.power.limit": ("power_limit_watts", "W", 1, 1),
    "power.limit": ("power_limit_watts", "W", 1, 1),
    "temperature.gpu": ("gpu_temperature_celsius", "C", 1, 1),
    "temperature.memory": ("memory_temperature_celsius", "C", 1, 1),
    "clocks.current.sm": ("sm_clock_mhz", "MHz", 1, 1),
    "clocks.sm": ("sm_clock_mhz", "MHz", 1, 1),
    "clocks.current.memory": ("memory_clock_mhz", "MHz", 1, 1),
    "clocks.mem": ("memory_clock_mhz", "MHz", 1, 1),
}
MIG_MODE: Final = "mig.mode.current"
POWER_KINDS: Final = {
    "power.draw.average": "average",
    "power.draw": "unknown",  # an average on newer GPUs only
    "power.draw.instant": "instant",
}
KNOWN: Final = {"timestamp", MIG_MODE, *TEXTS, *NUMBERS}

# What nvidia-smi writes instead of a number.
REASONS: Final[Mapping[str, str]] = {
    "[N/A]": "not_available",
    "N/A": "not_available",
    "[Not Supported]": "not_supported",
    "[Unknown Error]": "unknown_error",
    "[Insufficient Permissions]": "no_permission",
    "[GPU requires reset]": "reset_required",
    "[Requested functionality has been deprecated]": "deprecated",
}
NUMBER: Final = r"^(-?[0-9]+(?:\.[0-9]+)?)(?: *{unit})?$"
NO_VALUE: Final = r"^(\[.*\]|N/A|)$"


def _number(field: str) -> pl.Expr:
    _, unit, factor, divisor = NUMBERS[field]
    digits = pl.col(field).str.extract(NUMBER.format(unit=unit), 1)
    return digits.cast(pl.Float64) * factor / divisor


def _reason(field: str) -> pl.Expr:
    """Why a field has no number; NULL where it has one, or where the header lacks the field."""
    told = pl.col(field).replace_strict(REASONS, default="not_a_number", return_dtype=pl.String)
    return pl.when(pl.col(field).is_not_null() & _number(field).is_null()).then(told)


def canonical(rows: pl.DataFrame) -> pl.DataFrame:
    """Columns in canonical units from cells.

    Args:
        rows: line_number, sampled_at, is_ambiguous and a String column for each known field.

    Returns:
        gpu_samples without host_name.
    """
    fields: dict[str, list[str]] = {}
    for field in (name for name in NUMBERS if name in rows.columns):
        fields.setdefault(NUMBERS[field][0], []).append(field)
    is_mig = pl.lit(value=False)
    if MIG_MODE in rows.columns:
        is_mig = (pl.col(MIG_MODE) == "Enabled").fill_null(value=False)
    values: dict[str, pl.Expr] = {}
    reasons: dict[str, pl.Expr] = {}
    for column, names in fields.items():
        values[column] = pl.coalesce([_number(name) for name in names])
        told = pl.coalesce([_reason(name) for name in names])
        reasons[column] = pl.when(values[column].is_null()).then(told)
        if column in NOT_UNDER_MIG:
            values[column] = pl.when(~is_mig).then(values[column])
            reasons[column] = pl.when(is_mig).then(pl.lit("mig")).otherwise(reasons[column])
        if GPU_SAMPLES[column] == pl.Int64:
            values[column] = values[column].round().cast(pl.Int64)
    flag = pl.when(pl.col("is_ambiguous")).then(pl.lit(["ambiguous_local_time"]))
    # Lazy, because it computes a common part of several columns once.
    return (
        rows.lazy()
        .select(
            "sampled_at",
            "line_number",
            *(value.alias(column) for column, value in values.items()),
            *_texts(rows),
            _power_kind(rows).alias("power_kind"),
            (null_reasons(reasons) if reasons else pl.lit(None)).alias("null_reasons"),
            flag.alias("quality_flags"),
        )
        .collect()
    )


def _texts(rows: pl.DataFrame) -> Iterator[pl.Expr]:
    found = {column: field for field, column in TEXTS.items() if field in rows.columns}
    for column, field in found.items():
        value: pl.Expr = pl.when(~pl.col(field).str.contains(NO_VALUE)).then(pl.col(field))
        if column == "gpu_uuid":
            bare = value.str.to_lowercase().str.strip_prefix("gpu-")
            value = pl.concat_str(pl.lit("GPU-"), bare)
        elif column == "gpu_index":
            value = value.cast(pl.Int64, strict=False)
        yield value.alias(column)


def _power_kind(rows: pl.DataFrame) -> pl.Expr:
    kinds = [
        pl.when(_number(field).is_not_null()).then(pl.lit(kind))
        for field, kind in POWER_KINDS.items()
        if field in rows.columns
    ]
    return pl.coalesce(kinds) if kinds else pl.lit(None, pl.String)
