"""Own GPUs: what a token cost by use and all in, how busy they were, and what drew power."""

from pipelines.dashboard import charts, text
from pipelines.dashboard.blocks import Column, Plot, Section, day, label, number
from pipelines.dashboard.figures import caution
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.shapes import line_rows, newest_first, position
from pipelines.dashboard.view import View

_GPUS = "fct_gpu_hours"
_HOLDERS = "fct_gpu_allocations_hourly"
_COSTS = "fct_token_costs_daily"
_NO_GPUS = "No GPU hours: fill ledgers/gpu_fleet.csv to see own GPUs here."
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def token_bases(view: View) -> Section:
    """Cost per million tokens of own models: idle apart, idle spread, training included."""
    return Section(
        name="gpu-tokens",
        heading="Cost per million tokens of own models",
        lead=f"{view.filter.first} to {view.filter.last}. By use: only the GPU time that served "
        "the tokens. With idle and overhead: all of it spread over who used GPUs on the day. All "
        f"in: with amortized training.{caution(view, 'host')}",
        rows=rows_of(view, "gpu_token_bases"),
        empty="No tokens of own models in these days.",
        table_is_open=True,
        columns=(
            label("model", "model", (_COSTS, "model_name")),
            _rate("usage_rate", "by use", "cost_usd_per_million_tokens"),
            _rate(
                "allocation_rate", "with idle, overhead", "allocation_cost_usd_per_million_tokens"
            ),
            _rate("loaded_rate", "all in", "fully_loaded_cost_usd_per_million_tokens"),
            number("cost_usd", "cost of use", text.money, (_COSTS, "effective_cost_usd")),
            number("idle_usd", "idle share", text.money, (_COSTS, "shared_idle_cost_usd")),
            number(
                "overhead_usd", "overhead share", text.money, (_COSTS, "shared_overhead_cost_usd")
            ),
            number("tokens", "tokens", text.count, (_COSTS, "total_tokens")),
        ),
    )


def _rate(key: str, heading: str, column: str) -> Column:
    return number(key, heading, text.rate, (_COSTS, column))


def utilization(view: View) -> Section:
    """How busy the GPUs of each host were, by day."""
    rows = rows_of(view, "gpu_utilization")
    spec = charts.lines(
        line_rows(rows, time="day", value="utilization", show=text.percent),
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
        empty=_NO_GPUS,
        columns=(
            day("day", "day", (_GPUS, "usage_date")),
            label("series", "host", (_GPUS, "host_name")),
            number("utilization", "utilization", text.percent, (_GPUS, "gpu_utilization_ratio")),
            number("measured", "hours measured", text.percent, (_GPUS, "telemetry_coverage_ratio")),
            number("allocated", "hours allocated", text.percent, (_GPUS, "allocation_status")),
        ),
    )


def hours_of_the_week(view: View) -> Section:
    """When GPUs are busy: a grid of weekday and hour."""
    rows = rows_of(view, "gpu_hours_of_week")
    cells: list[Row] = [
        {
            "line": _WEEKDAYS[int(str(row["weekday"])) - 1],
            "column": row["hour"],
            "value": position(row["utilization"]),
            "text": text.percent(row["utilization"]),
        }
        for row in rows
    ]
    spec = charts.heat_map(cells, title="GPU utilization in the week", columns="hour", lines="day")
    return Section(
        name="gpu-week",
        heading="When GPUs are busy",
        lead=f"Average utilization of the measured GPU hours from {view.chart_first} to "
        f"{view.filter.last}, by weekday and hour (UTC). Pale hours are room for batch work.",
        plots=[Plot(name="gpu-week", heading="By weekday and hour", spec=spec)],
        rows=[row | {"weekday": _WEEKDAYS[int(str(row["weekday"])) - 1]} for row in rows],
        empty=_NO_GPUS,
        columns=(
            label("weekday", "weekday", (_GPUS, "hour_start_at")),
            number("hour", "hour", text.count, (_GPUS, "hour_start_at")),
            number("utilization", "utilization", text.percent, (_GPUS, "gpu_utilization_ratio")),
            number("idle", "hours idle", text.percent, (_GPUS, "allocation_status")),
        ),
    )


def power(view: View) -> Section:
    """What the GPUs of each host drew, and what the energy cost."""
    rows = rows_of(view, "gpu_power")
    spec = charts.lines(
        line_rows(rows, time="day", value="watts", show=text.watts),
        title="Power by host",
        axis="average watts of all GPUs",
        axis_format=",.2~s",
    )
    return Section(
        name="power",
        heading="Power and energy",
        lead="Average power of all GPUs of a host together, where it was measured.",
        plots=[Plot(name="power", heading="By host and day", spec=spec)],
        rows=newest_first(rows, "day"),
        empty="No power was measured in these days.",
        columns=(
            day("day", "day", (_GPUS, "usage_date")),
            label("series", "host", (_GPUS, "host_name")),
            number("watts", "average power", text.watts, (_GPUS, "power_watts")),
            number("kilowatt_hours", "kWh", text.count, (_GPUS, "energy_joules")),
            number("energy_usd", "energy cost", text.money, (_GPUS, "energy_cost_usd")),
        ),
    )
