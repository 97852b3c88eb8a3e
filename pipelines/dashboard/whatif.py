"""What if: one driver of demand times a number, on the same futures as the forecast."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.dashboard import text
from pipelines.dashboard.blocks import Column, Section, label, measured, number
from pipelines.dashboard.queries import Row
from pipelines.dashboard.view import View
from pipelines.scenarios import Drivers, Limit, apply, outlook_of
from pipelines.scenarios.history import company_drivers, company_limits
from pipelines.scenarios.shocks import Change

DRIVERS = ("requests", "input_tokens", "output_tokens", "price", "gpu_hours")
_DAYS = 90
_MEASURES = ("usd", "tokens", "requests", "gpu_hours")
_FORECASTS = "fct_forecasts_daily"
_EXHAUSTION = "fct_quota_exhaustion"
_EMPTY = (
    "Choose above what would change, and by which factor: requests times 1.5, for instance, are "
    "half as many requests more. A team, model or provider narrows it. For more kinds of changes: "
    "meterhouse whatif."
)


@dataclass(frozen=True, kw_only=True)
class _Futures:
    """The forecast's joint futures as they stand, and the quotas that they meet."""

    drivers: Drivers
    limits: Sequence[Limit]


def totals(view: View) -> Section:
    """Cost and demand of the next 90 days, as foretold and under the change."""
    rows: list[Row] = []
    if change := _change(view):
        futures = _futures(view)
        changed = apply(futures.drivers, [change])
        rows = [_total(measure, futures.drivers, changed) for measure in _MEASURES]
    return Section(
        name="whatif",
        heading="What if",
        lead=f"{_said(view)}The next {_DAYS} days of the whole organization, in the same 400 "
        "futures as it stands and under the change: the middle, and the span of four futures in "
        "five.",
        rows=rows,
        empty=_EMPTY,
        table_is_open=True,
        columns=(
            label("name", "measure", (_FORECASTS, "measure")),
            measured("before", "as it stands", (_FORECASTS, "cumulative_value")),
            measured("after", "under the change", (_FORECASTS, "cumulative_value")),
            number("change", "change", text.changed, (_FORECASTS, "cumulative_value")),
            measured("low", "from", (_FORECASTS, "cumulative_lower_80_value")),
            measured("high", "to", (_FORECASTS, "cumulative_upper_80_value")),
        ),
    )


def quotas(view: View) -> Section:
    """The chance of each quota to run out in its running period, before and after."""
    rows: list[Row] = []
    if change := _change(view):
        futures = _futures(view)
        changed = apply(futures.drivers, [change])
        rows = [_quota(limit, futures.drivers, changed) for limit in futures.limits]
        rows.sort(key=lambda row: -abs(_float(row["after"]) - _float(row["before"])))
    return Section(
        name="whatif-quotas",
        heading="What if: quotas",
        lead="The chance to exceed the running period, and the limit that one future in twenty "
        "would exceed.",
        rows=rows,
        empty="Nothing was changed, or no quota has a forecast.",
        table_is_open=True,
        columns=(
            label("quota", "quota", (_EXHAUSTION, "quota_id")),
            _chance("before", "chance as it stands"),
            _chance("after", "under the change"),
            measured("limit_value", "limit", (_EXHAUSTION, "quota_limit_value")),
            measured("needed", "limit for a 5% risk", (_EXHAUSTION, "needed_quota_value")),
        ),
    )


def _chance(key: str, heading: str) -> Column:
    return number(key, heading, text.chance, (_EXHAUSTION, "exhaustion_probability"))


def _change(view: View) -> Change | None:
    asked = view.filter
    if asked.driver is None or asked.times is None or view.chart_first is None:
        return None
    return Change(
        driver=asked.driver,  # type: ignore[arg-type] # one of DRIVERS
        multiplier=asked.times,
        team=asked.team or "",
        model=asked.model or "",
        provider=asked.provider or "",
    )


def _said(view: View) -> str:
    asked = view.filter
    if asked.driver is None or asked.times is None:
        return ""
    whose = " ".join(filter(None, (asked.team, asked.model, asked.provider))) or "everybody"
    return f"{asked.driver.replace('_', ' ').capitalize()} of {whose} times {asked.times:g}. "


def _futures(view: View) -> _Futures:
    """Draw the futures once for each snapshot: they do not change."""
    known = view.kept.get("futures")
    if not isinstance(known, _Futures):
        limits = [one for one in company_limits(view.connection) if one.is_followed()]
        known = _Futures(
            drivers=company_drivers(view.connection, horizon_days=_DAYS), limits=limits
        )
        view.kept["futures"] = known
    return known


def _total(measure: str, before: Drivers, after: Drivers) -> Row:
    everything = np.ones(len(before.keys))
    sums = [one.amount(measure, everything).sum(axis=1) for one in (before, after)]
    low, middle, high = (float(one) for one in np.quantile(sums[1], (0.1, 0.5, 0.9)))
    stands = float(np.median(sums[0]))
    return {
        "measure": measure,
        "name": text.measure_name(measure),
        "before": stands,
        "after": middle,
        "change": text.change_ratio(middle, stands),
        "low": low,
        "high": high,
    }


def _quota(limit: Limit, before: Drivers, after: Drivers) -> Row:
    stands, changed = outlook_of(limit, before), outlook_of(limit, after)
    return {
        "quota": limit.quota_id,
        "measure": limit.measure,
        "before": stands.running_ratio,
        "after": changed.running_ratio,
        "limit_value": limit.limit_value,
        "needed": changed.needed_value,
    }


def _float(value: object) -> float:
    return float(str(value))
