"""When each quota is used up, and by how much: first passage of its sample paths."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.forecasting.frame import EXHAUSTION, EXHAUSTION_DAILY, ORDER
from pipelines.forecasting.panel import Floats
from pipelines.forecasting.passage import quantile_day
from pipelines.forecasting.periods import Period
from pipelines.forecasting.quotas import Quota
from pipelines.forecasting.runs import Run, limited_periods, runs_of

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
    end = origin + timedelta(days=days)
    for quota in quotas:
        about = _about(quota, origin)
        outlook = outlooks.get(quota.names["quota_id"])
        if outlook is None or not np.isfinite(outlook.draws).all():
            periods += [
                about | _named(quota, period, limit) | {"reason": NO_FORECAST}
                for period, limit in limited_periods(quota, origin, days)
            ]
            continue
        for run in runs_of(quota, outlook.draws, origin):
            named = about | _named(quota, run.period, run.limit)
            first = origin + timedelta(days=run.start)
            whole = {"is_whole_period": run.period.end <= end}
            periods.append(named | whole | _summary(run, quota, outlook, first))
            daily += [named | one for one in _daily(run, first)]
    return _table(periods, EXHAUSTION, "quota_exhaustion"), _table(
        daily, EXHAUSTION_DAILY, "quota_exhaustion_daily"
    )


def _about(quota: Quota, origin: date) -> Row:
    return {
        "forecast_origin_date": origin,
        **quota.names,
        "is_rate": quota.is_rate,
        "limit_kind": "capacity" if quota.is_capacity else "stated",
    }


def _named(quota: Quota, period: Period, limit: float) -> Row:
    used = quota.used if period.is_running else 0.0
    return {
        "period_start_date": period.start,
        "period_end_date": period.end,
        "is_running": period.is_running,
        "quota_limit_value": limit,
        "quota_used_to_date_value": None if quota.is_rate else used,
    }


def _summary(run: Run, quota: Quota, outlook: Outlook, first: date) -> Row:
    """One row's figures; a period without days left has no forecast figures but what it is."""
    row: Row = {
        "is_exhausted": run.is_exhausted,
        "basis_name": outlook.basis,
        "reason": quota.note if outlook.draws.any() else NO_USE,
    }
    by_day = run.by_day
    if not by_day.size:
        return row
    end = run.used[:, -1]
    over = float(np.maximum(end - run.limit, 0).mean())
    dates = {
        f"exhaustion_date_p{level}": None if run.is_exhausted or found is None else found
        for level in (10, 50, 90)
        for found in [_date(first, quantile_day(by_day, level / 100))]
    }
    return row | {
        "exhaustion_probability": float(by_day[-1]),
        "not_exhausted_probability": float(1 - by_day[-1]),
        **dates,
        "end_value_p10": float(np.quantile(end, 0.1)),
        "end_value_p50": float(np.quantile(end, 0.5)),
        "end_value_p90": float(np.quantile(end, 0.9)),
        "expected_overrun_value": over,
        "expected_overrun_usd": over * outlook.usd_per_unit,
        "needed_quota_value": float(np.quantile(end, 1 - ACCEPTED_RISK)),
    }


def _daily(run: Run, first: date) -> Iterator[Row]:
    if not run.used.shape[1]:
        return
    low, middle, high = np.quantile(run.used, (0.1, 0.5, 0.9), axis=0)
    for day, probability in enumerate(run.by_day):
        yield {
            "forecast_date": first + timedelta(days=day),
            "exhaustion_probability": float(probability),
            "used_value_p10": float(low[day]),
            "used_value_p50": float(middle[day]),
            "used_value_p90": float(high[day]),
        }


def _date(first: date, day: int | None) -> date | None:
    return None if day is None else first + timedelta(days=day - 1)


def _table(rows: list[Row], schema: pl.Schema, name: str) -> pl.DataFrame:
    full = [{column: row.get(column) for column in schema} for row in rows]
    table = pl.DataFrame(full, schema=schema)
    return table.with_columns(pl.col(pl.Float64).fill_nan(None)).sort(ORDER[name])
