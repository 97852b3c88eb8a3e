"""The metrics of dcgm-exporter: columns, units, and the numbers that mean "no value"."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from ingest.formats.gpu import BYTES_PER_MIB
from ingest.formats.prometheus_samples import Readings

RATIOS: Final = {
    "DCGM_FI_PROF_GR_ENGINE_ACTIVE": "graphics_engine_active_ratio",
    "DCGM_FI_PROF_SM_ACTIVE": "sm_active_ratio",
    "DCGM_FI_PROF_SM_OCCUPANCY": "sm_occupancy_ratio",
    "DCGM_FI_PROF_PIPE_TENSOR_ACTIVE": "tensor_active_ratio",
    "DCGM_FI_PROF_DRAM_ACTIVE": "dram_active_ratio",
}
PERCENTS: Final = {
    "DCGM_FI_DEV_GPU_UTIL": "gpu_utilization_ratio",
    "DCGM_FI_DEV_MEM_COPY_UTIL": "memory_copy_utilization_ratio",
}
MEBIBYTES: Final = {
    "DCGM_FI_DEV_FB_USED": "memory_used_bytes",
    "DCGM_FI_DEV_FB_FREE": "memory_free_bytes",
    "DCGM_FI_DEV_FB_RESERVED": "memory_reserved_bytes",
    "DCGM_FI_DEV_FB_TOTAL": "memory_total_bytes",
}
AS_REPORTED: Final = {
    "DCGM_FI_DEV_POWER_USAGE": "power_watts",
    "DCGM_FI_DEV_ENFORCED_POWER_LIMIT": "power_limit_watts",
    "DCGM_FI_DEV_GPU_TEMP": "gpu_temperature_celsius",
    "DCGM_FI_DEV_MEMORY_TEMP": "memory_temperature_celsius",
    "DCGM_FI_DEV_SM_CLOCK": "sm_clock_mhz",
    "DCGM_FI_DEV_MEM_CLOCK": "memory_clock_mhz",
    "DCGM_FI_DEV_XID_ERRORS": "last_xid_code",
}
ENERGY: Final = "energy_joules_total"
METRICS: Final[Mapping[str, str]] = {
    **RATIOS,
    **PERCENTS,
    **MEBIBYTES,
    **AS_REPORTED,
    "DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION": ENERGY,
}
NUMBERS: Final = [column for column in METRICS.values() if column != ENERGY]
REASONS: Final = [f"{column}?" for column in METRICS.values()]
PER_INSTANCE: Final = {*RATIOS.values(), *PERCENTS.values(), *MEBIBYTES.values()}

# DCGM's "blank" values, each with its five variants (not found, not supported, ...).
INT64_BLANK: Final = float(0x7FFFFFFFFFFFFFF0)  # as Float64 all six are the same number
INT32_BLANK: Final = 0x7FFFFFF0
FP64_BLANK: Final = 140_737_488_355_328


def canonical_values(part: Readings, series: pl.DataFrame) -> pl.DataFrame:
    """Samples with their numbers in the columns' units, NULL with the reason where blank.

    Args:
        part: Samples.
        series: series_id, entity_id and column of each series that names its GPU.

    Returns:
        The samples of those series with `number`, null_reason, entity_id and column.
    """
    number, column = pl.col("number"), pl.col("column")
    # An energy counter in mJ passes both smaller blanks in its lifetime; it is an int64 field.
    is_blank = (number == INT64_BLANK) | (
        (column != ENERGY)
        & (
            number.is_between(INT32_BLANK, INT32_BLANK + 5)
            | number.is_between(FP64_BLANK, FP64_BLANK + 5)
        )
    )
    reason = (
        pl.when(is_blank)
        .then(pl.lit("sentinel"))
        .when(~number.is_finite())
        .then(pl.lit("not_a_number"))
    )
    converted = (
        pl.when(column.is_in(list(PERCENTS.values())))
        .then(number / 100)
        .when(column.is_in(list(MEBIBYTES.values())))
        .then(number * BYTES_PER_MIB)
        .otherwise(number)
    )
    return (
        part.frame.join(series.select("series_id", "entity_id", "column"), on="series_id")
        .with_columns(reason.alias("null_reason"))
        .with_columns(pl.when(pl.col("null_reason").is_null()).then(converted).alias("number"))
    )
