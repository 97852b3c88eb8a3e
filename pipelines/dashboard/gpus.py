"""Sections about own GPUs: how busy they were, and what idleness cost."""

import duckdb

from pipelines.dashboard import charts, text
from pipelines.dashboard.layout import Column, Plot, Section
from pipelines.dashboard.queries import rows_of
from pipelines.dashboard.sections import newest_first, number, series_rows, weekly_rows

_GPUS = "fct_gpu_hours"
_HOLDERS = "fct_gpu_allocations_hourly"


def utilization(connection: duckdb.DuckDBPyConnection) -> Section:
    """How busy the GPUs of each host were."""
    rows = rows_of(connection, "gpu_utilization")
    shown = series_rows(rows, time="day", value="utilization", show=text.percent)
    spec = charts.lines(
        shown,
        title="GPU utilization by host",
        axis="average utilization",
        axis_format=".0%",
    )
    return Section(
        name="gpus",
        heading="GPU utilization",
        lead="Average of the measured GPU hours of each host. A gap is a day on which nothing was "
        "measured.",
        plots=[Plot(name="gpus", heading="By host and day", spec=spec)],
        rows=newest_first(rows, "day"),
        empty="No GPU hours: fill ledgers/gpu_fleet.csv to see own GPUs here.",
        columns=(
            Column(key="day", heading="day", show=text.day, term=(_GPUS, "usage_date")),
            Column(key="series", heading="host", show=text.words, term=(_GPUS, "host_name")),
            number("utilization", "utilization", text.percent, (_GPUS, "gpu_utilization_ratio")),
            number("measured", "hours measured", text.percent, (_GPUS, "telemetry_coverage_ratio")),
            number("allocated", "hours allocated", text.percent, (_GPUS, "allocation_status")),
        ),
    )


def idle_cost(connection: duckdb.DuckDBPyConnection) -> Section:
    """What idle GPUs cost, by cause."""
    rows = rows_of(connection, "gpu_idle_cost")
    spec = charts.weekly_bars(weekly_rows(rows), title="Idle GPU cost by week", axis="USD")
    return Section(
        name="idle",
        heading="Idle GPU cost",
        lead="Cost of GPU hours that nobody used: no deployment on the GPU, a deployment without "
        "load, one kept warm on purpose, or only failed requests.",
        plots=[Plot(name="idle", heading="USD a week, by cause", spec=spec)],
        rows=newest_first(rows, "week"),
        empty="No idle GPU hours.",
        columns=(
            Column(key="week", heading="week from", show=text.day, term=(_HOLDERS, "usage_date")),
            Column(key="series", heading="cause", show=text.words, term=(_HOLDERS, "idle_cause")),
            number("gpu_hours", "GPU hours", text.count, (_HOLDERS, "gpu_hours")),
            number("cost_usd", "idle cost", text.money, (_HOLDERS, "direct_cost_usd")),
        ),
    )
