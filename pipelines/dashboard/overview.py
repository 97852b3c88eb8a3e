"""The figures at the top: what was spent, at what price, how idle, what is at risk, how fresh."""

from collections.abc import Sequence

from pipelines.dashboard import text
from pipelines.dashboard.blocks import Tile
from pipelines.dashboard.figures import Figure, figure, show_of, term_of
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.quotas import is_at_risk
from pipelines.dashboard.view import View

_CHECKS = "fct_data_quality_results"


def tiles(view: View) -> Sequence[Tile]:
    """Sum up the period against the one before it."""
    return [*_money_tiles(view), *_gpu_tiles(view), *_outlook_tiles(view), *_state_tiles(view)]


def _tile(
    figure: Figure, view: View, *, missing: str, note: str = "", show: text.Show | None = None
) -> Tile:
    show = show or show_of(figure.metric)
    change = text.change(figure.now, figure.before, f"against {_compared(view)}")
    return Tile(
        heading=figure.metric.title,
        value=missing if figure.now is None else show(figure.now),
        note="; ".join(filter(None, (change, note))) if figure.now is not None else "",
        term=term_of(figure.metric),
        trend=figure.trend,
    )


def _compared(view: View) -> str:
    first, last = view.filter.before_first, view.filter.before_last
    if first is None or last is None or view.filter.first is None:
        return "before"
    days = (last - first).days + 1
    is_next = (view.filter.first - last).days == 1
    return f"the {days} days before" if is_next else f"{first} to {last}"


def _money_tiles(view: View) -> list[Tile]:
    tokens = figure(view, "total_tokens")
    loaded = figure(view, "loaded_cost_usd_per_million_tokens")
    unpriced = figure(view, "unpriced_tokens_ratio")
    no_price = "no usage" if tokens.now is None else "not priced"
    gap = f"{text.percent(unpriced.now)} not priced" if unpriced.now else "all priced"
    return [
        _tile(figure(view, "spend_usd"), view, missing="no charges"),
        _tile(
            figure(view, "cost_usd_per_million_tokens"),
            view,
            missing=no_price,
            note=f"{loaded.shown} all in, with idle GPUs",
        ),
        _tile(tokens, view, missing="no usage", note=gap, show=text.short_count),
    ]


def _gpu_tiles(view: View) -> list[Tile]:
    allocated = figure(view, "allocated_ratio")
    return [
        _tile(
            figure(view, "gpu_utilization_ratio"),
            view,
            missing="not reported",
            note=f"{allocated.shown} of the hours allocated",
        ),
        _tile(figure(view, "idle_cost_usd"), view, missing="not reported"),
    ]


def _outlook_tiles(view: View) -> list[Tile]:
    quotas = rows_of(view, "quotas")
    at_risk = sum(is_at_risk(quota) for quota in quotas)
    inflation = figure(view, "price_inflation_ratio")
    return [
        Tile(
            heading="Quotas at risk",
            value=f"{at_risk} of {len(quotas)}" if quotas else "no quotas",
            note="over the limit, or a chance of 10% or more to exceed it",
            term=("fct_quota_exhaustion", "exhaustion_probability"),
            is_alarm=at_risk > 0,
        ),
        Tile(
            heading=inflation.metric.title,
            value=text.signed_percent(inflation.now)
            if inflation.now is not None
            else "not known yet",
            note=f"{text.signed_percent(inflation.before)} a year before these days"
            if inflation.before is not None
            else "",
            term=term_of(inflation.metric),
        ),
    ]


def _state_tiles(view: View) -> list[Tile]:
    (facts,) = rows_of(view, "state")
    failed = int(str(facts["checks_failed"]))
    return [
        Tile(
            heading="Data through",
            value=text.day(facts["data_through"]),
            note=f"published {text.moment(facts['published_at'])}",
            term=("meterhouse_snapshot", "data_through"),
        ),
        Tile(
            heading="Checks failed",
            value=f"{failed} of {facts['checks']}" if facts["checks"] else "none ran",
            note="newest result of each check",
            term=(_CHECKS, "is_success"),
            is_alarm=failed > 0,
        ),
    ]


def state_line(facts: Row) -> str:
    """Say how fresh the snapshot is, which release wrote it, and with which prices."""
    prices = facts["price_snapshot"]
    return (
        f"Data through {text.day(facts['data_through'])}, published "
        f"{text.moment(facts['published_at'])}, Meterhouse {facts['meterhouse_version']}"
        + (f", price list {prices}" if prices else "")
    )
