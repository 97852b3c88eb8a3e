"""Every way in which one measure of one day can be wrong, and the expectation that must say so."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf, nan
from typing import Any

from quality_landing import NOW, Row

from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES, TOKEN_CLASSES
from pipelines.quality.engine_samples import COUNTERS

BAD_LINE = 4


@dataclass(frozen=True, kw_only=True)
class Corruption:
    """`alter` spoils a clean day; `also` are expectations that must fail with the named one."""

    table: str
    expectation: str
    label: str
    alter: Callable[[list[Row]], list[Row]]
    also: frozenset[str] = frozenset()
    lines: tuple[int, ...] = (BAD_LINE,)
    counted: int = 1
    has_neighbors: bool = False
    day: date | None = None


def _set(**changes: Any) -> Callable[[list[Row]], list[Row]]:
    def alter(rows: list[Row]) -> list[Row]:
        spoiled = rows[BAD_LINE - 1]
        values = {k: v(spoiled) if callable(v) else v for k, v in changes.items()}
        return [{**row, **values} if row is spoiled else {**row} for row in _wide(rows, values)]

    return alter


def _wide(rows: list[Row], values: Row) -> list[Row]:
    for row in rows:
        for name in values:
            row.setdefault(name, None)
    return rows


def _usage(expectation: str, label: str, **changes: Any) -> Corruption:
    return Corruption(
        table="usage_events", expectation=expectation, label=label, alter=_set(**changes)
    )


def _gpu(expectation: str, label: str, **changes: Any) -> Corruption:
    return Corruption(
        table="gpu_samples", expectation=expectation, label=label, alter=_set(**changes)
    )


def _shift(column: str, **delta: float) -> Callable[[Row], datetime]:
    return lambda row: row[column] + timedelta(**delta)


UNREPORTED = dict.fromkeys(
    ("reported_input_tokens", "reported_output_tokens", "reported_total_tokens")
)
REPORTED_INPUT = "input_classes_sum_to_the_reported_total"
REPORTED_OUTPUT = "output_classes_sum_to_the_reported_total"
FIRST_TOKEN = "first_token_at_is_within_the_request"  # noqa: S105 - not a password
PLAUSIBLE = "tokens_per_request_are_plausible"

USAGE = (
    _usage("event_id_is_known", "no id", event_id=None),
    _usage(
        "ended_at_is_not_before_started_at",
        "ends before it starts",
        ended_at=_shift("started_at", microseconds=-1),
        first_token_at=None,
    ),
    _usage(FIRST_TOKEN, "before the start", first_token_at=_shift("started_at", seconds=-1)),
    _usage(FIRST_TOKEN, "after the end", first_token_at=_shift("ended_at", seconds=1)),
    *(_usage("tokens_are_not_negative", name, **UNREPORTED | {name: -5}) for name in TOKEN_CLASSES),
    _usage("tokens_are_not_negative", "total", reported_total_tokens=-1),
    _usage("input_semantics_are_known", "a new word", reported_input_semantics="partial"),
    _usage(REPORTED_INPUT, "off by one", uncached_input_tokens=901),
    _usage(REPORTED_INPUT, "cached part counted twice", uncached_input_tokens=1300),
    _usage(REPORTED_INPUT, "no class filled", **dict.fromkeys(INPUT_TOKEN_CLASSES)),
    _usage(REPORTED_INPUT, "excludes_cache", reported_input_semantics="excludes_cache"),
    _usage(REPORTED_INPUT, "excludes_cache_read", reported_input_semantics="excludes_cache_read"),
    _usage(
        REPORTED_INPUT,
        "no meaning stated and no cache",
        reported_input_semantics=None,
        cache_read_input_tokens=None,
        cache_write_1h_input_tokens=0,
    ),
    _usage(REPORTED_OUTPUT, "reasoning counted twice", other_output_tokens=70),
    _usage(REPORTED_OUTPUT, "no class filled", **dict.fromkeys(OUTPUT_TOKEN_CLASSES)),
    _usage(PLAUSIBLE, "longer than any context", other_output_tokens=20_000_001, **UNREPORTED),
    _usage(
        PLAUSIBLE,
        "sum beyond 64 bits",
        other_output_tokens=2**63 - 1,
        uncached_input_tokens=2**63 - 1,
        **UNREPORTED,
    ),
    _usage(PLAUSIBLE, "no requests", other_output_tokens=20_000_001, request_count=0, **UNREPORTED),
    _usage("model_is_known_on_success", "no model", response_model=None, request_model=None),
    _usage("team_or_key_is_known", "nobody's", team_id=None, api_key_id=None),
    _usage(
        "event_ids_are_distinct_within_a_file",
        "a line written twice",
        event_id=lambda row: row["event_id"].replace("-3", "-2"),
    ),
)


def _scaled(factor: float) -> Callable[[list[Row]], list[Row]]:
    def alter(rows: list[Row]) -> list[Row]:
        return [
            {k: int(v * factor) if k in TOKEN_CLASSES else v for k, v in row.items()} | UNREPORTED
            for row in rows
        ]

    return alter


def _many(rows: list[Row]) -> list[Row]:
    return [{**row, "event_id": f"{n}-{row['event_id']}"} for n in range(11) for row in rows]


def _few(rows: list[Row]) -> list[Row]:
    return rows[: len(rows) // 11]


def _trend(expectation: str, label: str, alter: Callable[[list[Row]], list[Row]]) -> Corruption:
    lines, counted = {
        "times 1000": ((1, 2, 3, 4, 5), 22),
        "divided by 1000": ((1, 2, 3, 4, 5), 22),
        "many": ((1, 2, 3, 4, 5), 242),
        "few": ((1, 2), 2),
        "none": ((), 0),
    }[label]
    return Corruption(
        table="usage_events",
        expectation=expectation,
        label=label,
        alter=alter,
        lines=lines,
        counted=counted,
        has_neighbors=True,
    )


TREND_ROWS = 22
TRENDS = (
    _trend("tokens_per_request_are_near_other_days", "times 1000", _scaled(1000)),
    _trend("tokens_per_request_are_near_other_days", "divided by 1000", _scaled(0.001)),
    _trend("row_count_is_near_other_days", "many", _many),
    _trend("row_count_is_near_other_days", "few", _few),
    _trend("no_day_is_missing", "none", lambda _: []),
)

_RATIOS = (
    "gpu_utilization_ratio",
    "memory_copy_utilization_ratio",
    "graphics_engine_active_ratio",
    "sm_active_ratio",
    "sm_occupancy_ratio",
    "tensor_active_ratio",
    "dram_active_ratio",
)
GPU = (
    _gpu("gpu_uuid_is_known", "no uuid", gpu_uuid=None, energy_joules_total=None),
    *(
        _gpu("ratios_run_from_0_to_1", f"{name} {value}", **{name: value})
        for name in _RATIOS
        for value in (-0.01, 1.001, nan)
    ),
    _gpu("memory_used_is_within_the_total", "above total", memory_used_bytes=80 * 2**30 + 1),
    _gpu("memory_used_is_within_the_total", "negative", memory_used_bytes=-1),
    _gpu("power_is_plausible", "negative", power_watts=-1.0),
    _gpu("power_is_plausible", "twice the limit", power_watts=1400.0),
    _gpu("power_is_plausible", "no limit known", power_watts=2000.0, power_limit_watts=None),
    _gpu("power_is_plausible", "not a number", power_watts=nan),
    _gpu("utilization_is_unknown_under_mig", "zero instead of NULL", mig_instance_id="3"),
    _gpu("energy_counter_does_not_fall", "driver reloaded", energy_joules_total=1),
)

# The next sample is below a value that is too high, which is a fall of its own.
_FALL = "counters_do_not_fall"
_WITHIN = "cached_prompt_tokens_are_within_prompt_tokens"


def _counter(expectation: str, name: str, value: float, *also: str) -> Corruption:
    more = {_WITHIN} if name == "prompt_tokens_total" and expectation != _WITHIN else set()
    return Corruption(
        table="engine_samples",
        expectation=expectation,
        label=f"{name} {value}",
        alter=_set(**{name: value}),
        also=frozenset(more | set(also)),
    )


ENGINE = (
    *(_counter("counters_are_not_negative", name, -1, _FALL) for name in COUNTERS),
    *(_counter(_FALL, name, 0) for name in COUNTERS),
    _counter("counters_are_not_negative", "queue_seconds_total", inf, _FALL),
    _counter("counters_are_not_negative", "queue_seconds_total", nan, _FALL),
    _counter(_WITHIN, "cached_prompt_tokens_total", 3001, _FALL),
)


def _times(table: str, column: str) -> tuple[Corruption, ...]:
    later = (NOW + timedelta(days=3)).date()
    every = (1, 2, 3, 4, 5)
    others: Row = {
        "usage_events": {"ended_at": None, "first_token_at": None},
        "gpu_samples": {"energy_joules_total": None},
        # Without a time a sample sorts last, so its counters must not be below the others.
        "engine_samples": dict.fromkeys(COUNTERS),
    }[table]
    return (
        Corruption(
            table=table,
            expectation=f"{column}_is_known",
            label="no time",
            alter=_set(**{column: None}, **others),
        ),
        Corruption(
            table=table,
            expectation=f"{column}_is_on_its_day",
            label="filed under another day",
            alter=_set(**{column: _shift(column, days=-1)}, **others),
        ),
        Corruption(
            table=table,
            expectation=f"{column}_is_not_in_the_future",
            label="a clock that is ahead",
            alter=lambda rows: rows,
            lines=every,
            counted=8,
            day=later,
        ),
    )


CORRUPTIONS: tuple[Corruption, ...] = (
    *USAGE,
    *TRENDS,
    *_times("usage_events", "started_at"),
    *GPU,
    *_times("gpu_samples", "sampled_at"),
    *ENGINE,
    *_times("engine_samples", "sampled_at"),
)
