"""The canonical columns that a declared mapping may fill, by table, and the units they come in."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal

import polars as pl

from ingest.schema import GPU_SAMPLES, LINEAGE, POWER_SAMPLES, TABLES, USAGE_EVENTS

MappedTable = Literal["usage_events", "gpu_samples", "power_samples"]

# Token counts a mapping may name -> the part that split_tokens takes.
TOKENS: Final[Mapping[str, str]] = {
    "input_tokens": "input_total",
    "output_tokens": "output_total",
    "total_tokens": "reported_total_tokens",
    "cache_read_input_tokens": "input_cache_read",
    "cache_write_input_tokens": "input_cache_write",
    **{
        f"cache_write_{life}_input_tokens": f"input_cache_write_{life}"
        for life in ("5m", "30m", "1h", "12h")
    },
    **{f"{kind}_input_tokens": f"input_{kind}" for kind in ("audio", "image", "video")},
    **{
        f"{part}_output_tokens": f"output_{part}"
        for part in ("reasoning", "audio", "image", "rejected_prediction")
    },
}
DURATIONS: Final[Mapping[str, str]] = {
    "request_duration": "ended_at",
    "time_to_first_token": "first_token_at",
}
MONEY: Final = "reported_cost_usd"
FLAGS: Final = ("is_batch", "is_stream", "is_gateway_cache_hit")
TIMES: Final = ("started_at", "ended_at", "first_token_at", "sampled_at")
COUNTS: Final = (*TOKENS, "request_count", "gpu_index", "last_xid_code")
CACHE_PARTS: Final = tuple(name for name in TOKENS if name.startswith("cache_"))

TIME_UNITS: Final = ("s", "ms", "us", "ns")
MONEY_UNITS: Final = {
    "USD": Decimal(1),
    "USD_cents": Decimal("0.01"),
    "USD_micros": Decimal("0.000001"),
}
# Ending of a measured column -> unit of the log -> factor; the first unit is the column's own.
MEASURES: Final[Mapping[str, Mapping[str, Decimal]]] = {
    "_ratio": {"ratio": Decimal(1), "percent": Decimal("0.01")},
    "_watts": {"W": Decimal(1), "kW": Decimal(1000), "mW": Decimal("0.001")},
    "_joules_total": {
        "J": Decimal(1),
        "kJ": Decimal(1000),
        "mJ": Decimal("0.001"),
        "uJ": Decimal("0.000001"),
        "Wh": Decimal(3600),
        "kWh": Decimal(3_600_000),
    },
    "_bytes": {
        "B": Decimal(1),
        **{f"{prefix}B": Decimal(1000**power) for power, prefix in enumerate("kMG", start=1)},
        **{f"{prefix}iB": Decimal(1024**power) for power, prefix in enumerate("KMG", start=1)},
    },
    "_celsius": {"C": Decimal(1)},
    "_mhz": {
        "MHz": Decimal(1),
        "Hz": Decimal("0.000001"),
        "kHz": Decimal("0.001"),
        "GHz": Decimal(1000),
    },
}
# What a reader works out itself, and what no log says.
OWN_COLUMNS: Final = ("quality_flags", "null_reasons", *LINEAGE)
USAGE_TEXTS: Final = tuple(
    name
    for name, dtype in USAGE_EVENTS.items()
    if dtype == pl.String()
    and name not in LINEAGE
    and not name.startswith(("event_", "natural_", "grain", "reported_"))
)
TARGETS: Final[Mapping[MappedTable, tuple[str, ...]]] = {
    "usage_events": (
        *TIMES[:3],
        *DURATIONS,
        *TOKENS,
        "request_count",
        *FLAGS,
        MONEY,
        *USAGE_TEXTS,
    ),
    "gpu_samples": tuple(name for name in GPU_SAMPLES if name not in OWN_COLUMNS),
    "power_samples": tuple(name for name in POWER_SAMPLES if name not in OWN_COLUMNS),
}


def measure_units(target: str) -> Mapping[str, Decimal]:
    """Units in which a log may give a measured column, with their factors; empty for others."""
    found = (units for ending, units in MEASURES.items() if target.endswith(ending))
    return next(found, {})


def known_units(target: str) -> tuple[str, ...]:
    """Units that a mapping may state for a canonical column; none for texts and counts."""
    if target in TIMES or target in DURATIONS:
        return TIME_UNITS
    if target == MONEY:
        return tuple(MONEY_UNITS)
    return tuple(measure_units(target))


def target_type(table: MappedTable, target: str) -> pl.DataType:
    """The type of a column while it is on its way into the table."""
    if target in TOKENS:
        return pl.Int64()
    return pl.Duration("us") if target in DURATIONS else TABLES[table][target]
