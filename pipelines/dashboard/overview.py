"""The figures at the top: what was spent, at what price, how idle, what is at risk, how fresh."""

from collections.abc import Sequence

from pipelines.dashboard import text
from pipelines.dashboard.blocks import Tile
from pipelines.dashboard.figures import (
    Figure,
    figure,
    not_narrowed,
    show_of,
    term_of,
    unknown_filters,
)
from pipelines.dashboard.queries import Row, rows_of
from pipelines.dashboard.quotas import is_at_risk
from pipelines.dashboard.view import View

_CHECKS = "fct_data_quality_results"


def tiles(view: View) -> Sequence[Tile]:
    """Sum up the period against the one before it."""
    return [*_money_tiles(view), *_gpu_tiles(view), *_outlook_tiles(view), *_state_tiles(view)]


def _tile(
    figure: Figure,
    view: View,
    page: str,
    *,
    missing: str,
    note: str = "",
    show: text.Show | None = None,
) -> Tile:
    show = show or show_of(figure.metric)
    change = text.change(figure.now, figure.before, f"against {_compared(view)}")
    is_known = figure.now is not None
    return Tile(
        heading=figure.metric.title,
        value=show(figure.now) if is_known else missing,
        note=_joined(change if is_known else "", note if is_known else "", _caution(view, figure)),
        term=term_of(figure.metric),
        page=view.page(page),
        trend=figure.trend,
    )


def _joined(*notes: str) -> str:
    return "; ".join(filter(None, notes))


def _caution(view: View, figure: Figure) -> str:
    return not_narrowed(view, *unknown_filters(figure.metric))


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
        _tile(figure(view, "spend_usd"), view, "costs", missing="no charges"),
        _tile(
            figure(view, "cost_usd_per_million_tokens"),
            view,
            "costs",
            missing=no_price,
            note=f"{loaded.shown} all in, with idle GPUs",
        ),
        _tile(tokens, view, "costs", missing="no usage", note=gap, show=text.short_count),
    ]


def _gpu_tiles(view: View) -> list[Tile]:
    allocated = figure(view, "allocated_ratio")
    return [
        _tile(
            figure(view, "gpu_utilization_ratio"),
            view,
            "own-gpus",
            missing="not reported",
            note=f"{allocated.shown} of the hours allocated",
        ),
        _tile(figure(view, "idle_cost_usd"), view, "own-gpus", missing="not reported"),
    ]


def _outlook_tiles(view: View) -> list[Tile]:
    quotas = rows_of(view, "quotas")
    at_risk = sum(is_at_risk(quota) for quota in quotas)
    inflation = figure(view, "price_inflation_ratio")
    earlier = inflation.before
    before = "" if earlier is None else f"{text.signed_percent(earlier)} before"
    return [
        Tile(
            heading="Quotas at risk",
            value=f"{at_risk} of {len(quotas)}" if quotas else "no quotas",
            note="over the limit, or a chance of 10% or more to exceed it",
            term=("fct_quota_exhaustion", "exhaustion_probability"),
            page=view.page("quota"),
            is_alarm=at_risk > 0,
        ),
        Tile(
            heading=inflation.metric.title,
            value=text.signed_percent(inflation.now)
            if inflation.now is not None
            else "not known yet",
            note=_joined(before, _caution(view, inflation)),
            term=term_of(inflation.metric),
            page=view.page("inflation"),
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
            page=view.page("data-quality"),
        ),
        Tile(
            heading="Checks failed",
            value=f"{failed} of {facts['checks']}" if facts["checks"] else "none ran",
            note="newest result of each check",
            term=(_CHECKS, "is_success"),
            page=view.page("data-quality"),
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
