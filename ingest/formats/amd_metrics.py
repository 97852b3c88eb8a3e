"""The metrics of AMD's exporter: columns, units, and the numbers that mean "no value"."""

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl

from ingest.formats.gpu import BYTES_PER_MIB
from ingest.formats.prometheus_samples import Series
from ingest.source import InputFile

PERCENTS: Final = {
    "gpu_gfx_activity": "gpu_utilization_ratio",
    "gpu_umc_activity": "memory_copy_utilization_ratio",
    "gpu_prof_gui_util_percent": "graphics_engine_active_ratio",
    "gpu_prof_sm_active": "sm_active_ratio",
    "gpu_prof_occupancy_percent": "sm_occupancy_ratio",
    "gpu_prof_tensor_active_percent": "tensor_active_ratio",
}
# AMD writes MB and means MiB: a card of 192 GiB reports 196592.
MEBIBYTES: Final = {
    "gpu_used_vram": "memory_used_bytes",
    "gpu_free_vram": "memory_free_bytes",
    "gpu_total_vram": "memory_total_bytes",
}
# A model reports one or two of these; the first that has a value counts, and tells its kind.
POWERS: Final = {
    "gpu_package_power": "instant",
    "gpu_average_package_power": "average",
    "gpu_power_usage": "unknown",
}
TEMPERATURES: Final = {
    "gpu_junction_temperature": "gpu_temperature_celsius",
    "gpu_edge_temperature": "gpu_temperature_celsius",
    "gpu_memory_temperature": "memory_temperature_celsius",
}
CLOCK: Final = "gpu_clock"
CLOCKS: Final = {"system": "sm_clock_mhz", "memory": "memory_clock_mhz"}
ENERGY_METRIC: Final = "gpu_energy_consumed"
ENERGY: Final = "energy_joules_total"
METRICS: Final = frozenset((*PERCENTS, *MEBIBYTES, *POWERS, *TEMPERATURES, CLOCK, ENERGY_METRIC))
# A partition has these for itself; power, energy, clocks and temperatures are the whole GPU's.
PER_PARTITION: Final = frozenset((*PERCENTS.values(), *MEBIBYTES.values()))
NUMBERS: Final = tuple(
    dict.fromkeys(
        (
            *PERCENTS.values(),
            *MEBIBYTES.values(),
            *(f"power:{name}" for name in POWERS),
            *TEMPERATURES.values(),
            *CLOCKS.values(),
        )
    )
)
# The largest number of a field's width stands for "not available".
SENTINELS: Final = (float(0xFFFF), float(0xFFFF_FFFF), float(0xFFFF_FFFF_FFFF_FFFF))
# Amounts of memory and energy may be 65535 in truth.
WIDE: Final = frozenset((*MEBIBYTES.values(), ENERGY))
DEFAULT_PREFIXES: Final = ("", "amd_")
MICROJOULES: Final = 10**6


def metric_name(file: InputFile) -> Callable[[str], str | None]:
    """Tells the metric of a sample's name, whose prefix an operator can choose; None if unknown.

    The option `metric_prefix` states a prefix; without it there is none, or `amd_`.
    """
    stated = file.options.get("metric_prefix")
    prefixes = DEFAULT_PREFIXES if stated is None else (stated,)

    def name_of(sample: str) -> str | None:
        bare = (sample.removeprefix(one) for one in prefixes if sample.startswith(one))
        return next((name for name in bare if name in METRICS), None)

    return name_of


def column_of(metric: str, series: Series) -> str | None:
    """The canonical column of a series; None for a clock that has none."""
    if metric == CLOCK:
        kind = (series.label("clock_type") or "").casefold().rpartition("_")[2]
        return CLOCKS.get(kind)
    if metric in POWERS:
        return f"power:{metric}"
    columns: Mapping[str, str] = {**PERCENTS, **MEBIBYTES, **TEMPERATURES, ENERGY_METRIC: ENERGY}
    return columns[metric]


def converted(samples: pl.DataFrame) -> pl.DataFrame:
    """Numbers in the columns' units, NULL with the reason where there is no value.

    Args:
        samples: `number` and `column`.
    """
    number, column = pl.col("number"), pl.col("column")
    is_wide = column.is_in(list(WIDE))
    reason = (
        pl.when(number.is_in(SENTINELS[1:]) | (~is_wide & (number == SENTINELS[0])))
        .then(pl.lit("sentinel"))
        .when(~number.is_finite())
        .then(pl.lit("not_a_number"))
    )
    value = (
        pl.when(column.is_in(list(PERCENTS.values())))
        .then(number / 100)
        .when(column.is_in(list(MEBIBYTES.values())))
        .then(number * BYTES_PER_MIB)
        .otherwise(number)
    )
    return samples.with_columns(reason.alias("null_reason")).with_columns(
        pl.when(pl.col("null_reason").is_null()).then(value).alias("number")
    )
