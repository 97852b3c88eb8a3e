"""When each quota is used up, and by how much: first passage of its sample paths."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.forecasting.frame import EXHAUSTION, EXHAUSTION_DAILY, ORDER
from pipelines.forecasting.panel import Floats
from pipelines.forecasting.passage import (
    first_passage,
    first_peak,
    probability_by_day,
    quantile_day,
)
from pipelines.forecasting.periods import Period, periods_within
from pipelines.forecasting.quotas import Quota

# A quota this large would be exceeded in one of twenty futures.
ACCEPTED_RISK = 0.05
NO_FORECAST = "no forecast for this scope"
NO_USE = "no use in the last 28 days"

Row = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a quota will be used, as sample paths.

    Attributes:
        draws: Paths x days of the horizon; of a rate the busiest moment of each day.
        basis: 'demand' (the joint paths of the demand forecast) or 'own_use'.
        usd_per_unit: Average cost of what it counts in the last 28 days; NaN: not known.
    """

    draws: Floats
    basis: str
    usd_per_unit: float


def exhaustion(
    outlooks: Mapping[str, Outlook | None], quotas: list[Quota], *, origin: date, days: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tell for each quota and period within the horizon when it will be used up.

    Args:
        outlooks: By quota_id; None: nothing foretells it.
        quotas: All of them.
        origin: First day of the horizon.
        days: Of the horizon.

    Returns:
        Rows of fct_quota_exhaustion and of fct_quota_exhaustion_daily.
    """
    periods: list[Row] = []
    daily: list[Row] = []
    for quota in quotas:
        about = {"forecast_origin_date": origin, **quota.names, "is_rate": quota.is_rate}
        outlook = outlooks.get(quota.names["quota_id"])
        for period in _periods(quota, origin, days):
            limit = quota.limit if period.is_running else quota.base_limit
            row = about | _named(period) | {"quota_limit_value": limit}
            if quota.is_rate:
                row["quota_used_to_date_value"] = None
            else:
                row["quota_used_to_date_value"] = quota.used if period.is_running else 0.0
            if outlook is None or not np.isfinite(outlook.draws).all():
                periods.append(row | {"reason": NO_FORECAST})
                continue
            seen = _seen(period, quota, origin, days)
            told = _passage(quota, period, limit, outlook.draws[:, seen])
            first = origin + timedelta(days=seen.start)
            row["is_whole_period"] = period.end <= origin + timedelta(days=days)
            periods.append(row | _summary(told, outlook, first, limit))
            daily += [about | _named(period) | one for one in _daily(told, first)]
    return _table(periods, EXHAUSTION, "quota_exhaustion"), _table(
        daily, EXHAUSTION_DAILY, "quota_exhaustion_daily"
    )


@dataclass(frozen=True, kw_only=True)
class _Passage:
    """What the paths of one period say.

    Attributes:
        by_day: F(d).
        used: Paths x days: use since the reset; of a rate the highest day so far.
        is_exhausted: Already before the first day.
    """

    by_day: Floats
    used: Floats
    is_exhausted: bool


def _periods(quota: Quota, origin: date, days: int) -> list[Period]:
    if quota.is_rate:
        # Each minute is a period: what is asked is whether any of the horizon exceeds it.
        end = origin + timedelta(days=days)
        return [Period(start=origin, end=end, is_running=True)]
    return periods_within(quota.names["period_kind"], quota.start, quota.end, origin, days)


def _seen(period: Period, quota: Quota, origin: date, days: int) -> slice:
    """The days of the horizon that are of the period and not counted yet."""
    first = max((max(period.start, quota.last_day + timedelta(days=1)) - origin).days, 0)
    return slice(first, max(first, min((period.end - origin).days, days)))


def _passage(quota: Quota, period: Period, limit: float, draws: Floats) -> _Passage:
    if quota.is_rate:
        passage = first_peak(limit, draws)
        highest = np.maximum.accumulate(draws, axis=1)
        by_day = probability_by_day(passage, draws.shape[1])
        return _Passage(by_day=by_day, used=highest, is_exhausted=False)
    used = quota.used if period.is_running else 0.0
    passage = first_passage(used, limit, draws)
    return _Passage(
        by_day=probability_by_day(passage, draws.shape[1]),
        used=used + draws.cumsum(axis=1),
        is_exhausted=used >= limit,
    )


def _summary(told: _Passage, outlook: Outlook, first: date, limit: float) -> Row:
    """One row's figures; a period without days left has no forecast figures but what it is."""
    row: Row = {
        "is_exhausted": told.is_exhausted,
        "basis_name": outlook.basis,
        "reason": None if outlook.draws.any() else NO_USE,
    }
    if not told.by_day.size:
        return row
    end = told.used[:, -1]
    over = float(np.maximum(end - limit, 0).mean())
    dates = {
        f"exhaustion_date_p{level}": None if told.is_exhausted or found is None else found
        for level in (10, 50, 90)
        for found in [_date(first, quantile_day(told.by_day, level / 100))]
    }
    return row | {
        "exhaustion_probability": float(told.by_day[-1]),
        "not_exhausted_probability": float(1 - told.by_day[-1]),
        **dates,
        "end_value_p10": float(np.quantile(end, 0.1)),
        "end_value_p50": float(np.quantile(end, 0.5)),
        "end_value_p90": float(np.quantile(end, 0.9)),
        "expected_overrun_value": over,
        "expected_overrun_usd": over * outlook.usd_per_unit,
        "needed_quota_value": float(np.quantile(end, 1 - ACCEPTED_RISK)),
    }


def _daily(told: _Passage, first: date) -> Iterator[Row]:
    if not told.by_day.size:
        return
    low, middle, high = np.quantile(told.used, (0.1, 0.5, 0.9), axis=0)
    for day, probability in enumerate(told.by_day):
        yield {
            "forecast_date": first + timedelta(days=day),
            "exhaustion_probability": float(probability),
            "used_value_p10": float(low[day]),
            "used_value_p50": float(middle[day]),
            "used_value_p90": float(high[day]),
        }


def _named(period: Period) -> Row:
    return {
        "period_start_date": period.start,
        "period_end_date": period.end,
        "is_running": period.is_running,
    }


def _date(first: date, day: int | None) -> date | None:
    return None if day is None else first + timedelta(days=day - 1)


def _table(rows: list[Row], schema: pl.Schema, name: str) -> pl.DataFrame:
    full = [{column: row.get(column) for column in schema} for row in rows]
    table = pl.DataFrame(full, schema=schema)
    return table.with_columns(pl.col(pl.Float64).fill_nan(None)).sort(ORDER[name])
