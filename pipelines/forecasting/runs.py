"""How a quota runs through its periods, path by path; forecasts and scenarios both ask this.

A limit is used up as soon as use reaches it: nothing is left. What is over the limit is more.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from pipelines.forecasting.panel import Floats
from pipelines.forecasting.passage import first_passage, first_peak, probability_by_day
from pipelines.forecasting.periods import Period, periods_within
from pipelines.forecasting.quotas import Quota


@dataclass(frozen=True, kw_only=True)
class Run:
    """What the paths of one period of a quota say.

    Attributes:
        period: Which one.
        limit: Of that period.
        start: Its first day within the horizon that is not counted yet; 0 is the origin.
        used: Paths x days: use since the reset; of a rate the highest day so far.
        reached: By path the first day, from 1, on which it is used up; 0: it is already, days + 1:
            not on these days.
    """

    period: Period
    limit: float
    start: int
    used: Floats
    reached: npt.NDArray[np.int64]

    @property
    def by_day(self) -> Floats:
        """F(d), the share of paths that used it up by then."""
        return probability_by_day(self.reached, self.used.shape[1])

    @property
    def is_exhausted(self) -> bool:
        """Already before the first day."""
        return not self.reached.any()


def runs_of(quota: Quota, draws: Floats, origin: date) -> list[Run]:
    """Every period of a quota that holds a day of the horizon, in order.

    Args:
        quota: Its past use and limits.
        draws: Paths x days of the horizon; of a rate the busiest moment of each day.
        origin: First day of the horizon.
    """
    return [
        _run(quota, period, limit, draws, origin)
        for period, limit in limited_periods(quota, origin, draws.shape[1])
    ]


def limited_periods(quota: Quota, origin: date, days: int) -> list[tuple[Period, float]]:
    """The periods within the horizon, each with its limit."""
    if not quota.is_rate:
        kind = quota.names["period_kind"]
        periods = periods_within(kind, quota.start, quota.end, origin, days)
        return [(one, quota.limit if one.is_running else quota.base_limit) for one in periods]
    # Each minute is a period: what is asked is whether any of the days exceeds the limit of then.
    end = origin + timedelta(days=days)
    changes = {day: limit for day, limit in quota.later_limits.items() if origin < day < end}
    starts, ends = [origin, *sorted(changes)], [*sorted(changes), end]
    limits = [quota.limit, *(changes[day] for day in sorted(changes))]
    return [
        (Period(start=start, end=stop, is_running=start == origin), limit)
        for start, stop, limit in zip(starts, ends, limits, strict=True)
    ]


def _run(quota: Quota, period: Period, limit: float, draws: Floats, origin: date) -> Run:
    days = draws.shape[1]
    start = max((max(period.start, quota.last_day + timedelta(days=1)) - origin).days, 0)
    seen = draws[:, start : max(start, min((period.end - origin).days, days))]
    if quota.is_rate:
        used = np.maximum.accumulate(seen, axis=1) if seen.size else seen
        reached = first_peak(limit, seen)
    else:
        before = quota.used if period.is_running else 0.0
        used = before + seen.cumsum(axis=1)
        reached = first_passage(before, limit, seen)
    return Run(period=period, limit=limit, start=start, used=used, reached=reached)
