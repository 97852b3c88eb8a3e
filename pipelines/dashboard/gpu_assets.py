"""Own GPUs as assets: what they are worth, and what each deployment on them costs."""

from pipelines.dashboard import charts, text
from pipelines.dashboard.blocks import Plot, Section, day, label, month, number
from pipelines.dashboard.figures import caution
from pipelines.dashboard.queries import rows_of
from pipelines.dashboard.shapes import line_rows
from pipelines.dashboard.view import View

_SCHEDULE = "fct_gpu_amortization_schedule"
_HOLDERS = "fct_gpu_allocations_hourly"
_EFFICIENCY = "fct_gpu_efficiency_hourly"
_EXHAUSTION = "fct_quota_exhaustion"
_CHANCE = (_EXHAUSTION, "exhaustion_probability")
_TCO = "fct_tco_measured_monthly"
_OWN_RATE = "own_cost_usd_per_million_tokens"
_CLOUD_RATE = "equivalent_cost_usd_per_million_tokens"


def deployments(view: View) -> Section:
    """What each deployment held, cost and served in the period."""
    return Section(
        name="deployments",
        heading="Deployments",
        lead=f"What held GPUs from {view.filter.first} to {view.filter.last}: its cost with idle "
        "hours, its share of overhead, how busy its GPUs were, and what they served.",
        rows=rows_of(view, "gpu_deployments"),
        empty="No deployment held a GPU in these days.",
        table_is_open=True,
        columns=(
            label("holder", "deployment", (_HOLDERS, "holder_id")),
            label("model", "model", (_HOLDERS, "model_name")),
            number("gpu_hours", "GPU hours", text.count, (_HOLDERS, "gpu_hours")),
            number("direct_usd", "cost", text.money, (_HOLDERS, "direct_cost_usd")),
            number("idle_usd", "of it idle", text.money, (_HOLDERS, "allocation_status")),
            number("overhead_usd", "overhead", text.money, (_HOLDERS, "overhead_cost_usd")),
            number(
                "utilization", "utilization", text.percent, (_EFFICIENCY, "gpu_utilization_ratio")
            ),
            number(
                "tokens_per_gpu_second",
                "tokens per GPU second",
                text.three_digits,
                (_EFFICIENCY, "tokens_per_gpu_second"),
            ),
        ),
    )


def capacity(view: View) -> Section:
    """When each pool of GPUs is held in full: a host, or all GPUs of a model."""
    return Section(
        name="pool-capacity",
        heading="When pools run full",
        lead="The chance that some day of the next 90 holds every GPU hour that a host, or all "
        "GPUs of one model, have in a day. A full pool shows what was given out, not what was "
        "asked for.",
        rows=rows_of(view, "pool_capacity"),
        empty="No own GPUs, or every pool has a quota in ledgers/quotas.csv.",
        table_is_open=True,
        columns=(
            label("pool", "pool", (_EXHAUSTION, "scope_id")),
            number("capacity_hours", "hours a day", text.count, (_EXHAUSTION, "quota_limit_value")),
            number("chance", "chance to be full", text.chance, _CHANCE),
            day("full_by", "in half of the futures by", (_EXHAUSTION, "exhaustion_date_p50")),
            label("reason", "remark", (_EXHAUSTION, "reason")),
        ),
    )


def amortization(view: View) -> Section:
    """Book value and charge of the fleet by month, past and to come."""
    rows = rows_of(view, "amortization")
    values = [row | {"place": 1, "series": "book value"} for row in rows]
    charges = [row | {"place": 2, "series": "charge of the month"} for row in rows]
    plots = [
        Plot(
            name=name,
            heading=heading,
            spec=charts.lines(
                line_rows(shown, time="month", value=value, show=text.money),
                title=heading,
                axis="USD",
                axis_format="$,.2~s",
            ),
        )
        for name, heading, shown, value in (
            ("book-value", "Book value at the end of the month", values, "closing_usd"),
            ("amortization-charge", "Charge of the month", charges, "amortized_usd"),
        )
    ]
    return Section(
        name="amortization",
        heading="Amortization schedule",
        lead="All bought GPUs together, from the first purchase to the last month of use. The "
        f"snapshot holds it for each GPU.{caution(view, 'model')}",
        plots=plots,
        rows=rows,
        empty="No bought GPUs in ledgers/gpu_fleet.csv.",
        columns=(
            month("month", "month", (_SCHEDULE, "month_start_date")),
            number("gpus", "GPUs", text.count, (_SCHEDULE, "gpu_uuid")),
            number("opening_usd", "opening", text.money, (_SCHEDULE, "opening_book_value_usd")),
            number("additions_usd", "bought", text.money, (_SCHEDULE, "additions_usd")),
            number("amortized_usd", "charge", text.money, (_SCHEDULE, "amortized_cost_usd")),
            number("disposed_usd", "disposed", text.money, (_SCHEDULE, "disposed_book_value_usd")),
            number("closing_usd", "closing", text.money, (_SCHEDULE, "closing_book_value_usd")),
        ),
    )


def against_cloud(view: View) -> Section:
    """What own models cost beside the cloud models they are compared with, by month."""
    return Section(
        name="against-cloud",
        heading="Own against the cloud",
        lead="Each own model, all in, beside the list price of the cloud model that "
        "ledgers/tco_equivalents.csv names for it, for the same tokens. Load is how much of the "
        "hours that its GPUs were held it served; above the break-even load own GPUs are cheaper."
        f"{caution(view, 'host')}",
        rows=rows_of(view, "against_cloud"),
        empty="No equivalents: name them in ledgers/tco_equivalents.csv.",
        table_is_open=True,
        columns=(
            month("month", "month", (_TCO, "month_start_date")),
            label("model", "model", (_TCO, "model_name")),
            label("equivalent", "against", (_TCO, "equivalent_model_name")),
            number("own_rate", "own per million", text.rate, (_TCO, _OWN_RATE)),
            number("cloud_rate", "cloud per million", text.rate, (_TCO, _CLOUD_RATE)),
            number("savings_usd", "saved", text.signed_money, (_TCO, "savings_usd")),
            number("load", "load", text.percent, (_TCO, "load_ratio")),
            number("break_even", "break-even load", text.percent, (_TCO, "break_even_load_ratio")),
        ),
    )
