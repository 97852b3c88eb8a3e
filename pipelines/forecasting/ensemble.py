"""What every member says at every origin, and how the members are combined."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.forecasting.gaps import fill_gaps, lengths, weekday_profile
from pipelines.forecasting.members import (
    WEEK,
    ahead_by_weekday,
    log_drift,
    seasonal_naive,
    window_average,
)
from pipelines.forecasting.panel import Floats
from pipelines.forecasting.smoothing import smooth
from pipelines.forecasting.steps import days_since_step

# Below two weeks a weekday has been seen once; below four a fitted season is noise.
PROFILE_BELOW_DAYS = 14
ENSEMBLE_FROM_DAYS = 28
# Below eight weeks the fitted members are worse than the plain average.
MATURE_FROM_DAYS = 56
# A fit that explodes is a fault of the fit: ten times the highest day ever seen bounds it.
EXPLOSION_FACTOR = 10.0

PLAIN_MEMBERS: Mapping[str, Callable[[Floats, int], Floats]] = {
    "window_average": window_average,
    "log_drift": log_drift,
}
MEMBER_NAMES = (*PLAIN_MEMBERS, "smoothing")
PRIOR_WEIGHTS: Mapping[bool, Floats] = {
    False: np.array([0.6, 0.2, 0.2]),
    True: np.array([0.25, 0.25, 0.5]),
}


@dataclass(frozen=True, kw_only=True)
class MemberForecasts:
    """What each member says at each origin, before they are combined.

    Attributes:
        members: Members x origins x series x days, not below 0; NaN where a member does not apply.
        fallback: Origins x series x days for those too short for members, and for those that
            stepped within eight weeks; NaN for the others.
        naive: Origins x series x days, the seasonal naive beside everything.
        lengths: Origins x series, days of history then; 0: none, and every forecast of it is NaN.
    """

    members: Floats
    fallback: Floats
    naive: Floats
    lengths: Floats


def forecast_members(values: Floats, origins: Sequence[int], horizon: int) -> MemberForecasts:
    """Run every member that applies on every series, from every origin.

    Args:
        values: Series x days of history, NaN where not known.
        origins: How many days are known at each, ascending.
        horizon: Days to forecast.
    """
    shape = (len(origins), len(values), horizon)
    members = np.full((len(MEMBER_NAMES), *shape), np.nan)
    members[-1] = smooth(values, origins, horizon)
    fallback, naive, days = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape[:2])
    filled = fill_gaps(values)
    for index, origin in enumerate(origins):
        known = filled[:, :origin]
        days[index] = lengths(values[:, :origin])
        naive[index] = np.maximum(seasonal_naive(known, horizon), 0)
        for member, forecast in enumerate(PLAIN_MEMBERS.values()):
            members[member, index] = forecast(known, horizon)
        short = (days[index] > 0) & (days[index] < ENSEMBLE_FROM_DAYS)
        if short.any():
            profile = weekday_profile(values[:, :origin])
            fallback[index, short] = np.maximum(_short(known[short], horizon, profile), 0)
        # As for a short series: below eight weeks the fitted members are worse than the average.
        since = days_since_step(known)
        stepped = (days[index] >= ENSEMBLE_FROM_DAYS) & (since < MATURE_FROM_DAYS)
        if stepped.any():
            before = np.arange(origin) < origin - since[stepped, None]
            fallback[index, stepped] = window_average(
                np.where(before, np.nan, known[stepped]), horizon
            )
        members[:, index] = _bounded(members[:, index], known)
    members[:, days < ENSEMBLE_FROM_DAYS] = np.nan
    return MemberForecasts(members=members, fallback=fallback, naive=naive, lengths=days)


def combine(members: Floats, weights: Floats) -> Floats:
    """The weighted mean of the members that gave a value.

    Args:
        members: Members x series x days.
        weights: The same shape.
    """
    present = np.isfinite(members)
    weight = np.where(present, weights, 0.0)
    total = weight.sum(axis=0)
    summed = (np.where(present, members, 0.0) * weight).sum(axis=0)
    combined: Floats = np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0)
    return combined


def _bounded(members: Floats, known: Floats) -> Floats:
    highest = np.where(np.isfinite(known), known, 0.0).max(axis=1, initial=0.0)
    return np.clip(members, 0, EXPLOSION_FACTOR * highest[None, :, None])


def _short(known: Floats, horizon: int, profile: Floats) -> Floats:
    """Too short to fit: the average of its weekdays, or its level on everybody's weekly shape."""
    out = window_average(known, horizon)
    count = np.isfinite(known).sum(axis=1)
    shape = ahead_by_weekday(profile[None, :], horizon)[0]
    recent = known[:, -WEEK:]
    seen: npt.NDArray[np.bool_] = np.isfinite(recent)
    # profile[k] is k days ahead, so the last day of history has the last factor.
    factors = np.where(seen, np.take(profile, np.arange(-recent.shape[1], 0), mode="wrap"), 0.0)
    total, weight = np.where(seen, recent, 0.0).sum(axis=1), factors.sum(axis=1)
    level = np.where(weight > 0, total / np.where(weight > 0, weight, 1), total / seen.sum(axis=1))
    young = count < PROFILE_BELOW_DAYS
    out[young] = level[young, None] * shape
    return out
