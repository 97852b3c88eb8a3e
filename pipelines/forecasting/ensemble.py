"""Which members forecast a series, by the length of its history, and how they are combined."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from pipelines.forecasting.members import (
    MEMBERS,
    WEEK,
    seasonal_naive,
    shared_drift,
    weekly_steps,
    window_average,
)
from pipelines.forecasting.panel import Floats

# Below two weeks a weekday has been seen once; below four a fitted season is noise.
PROFILE_BELOW_DAYS = 14
ENSEMBLE_FROM_DAYS = 28
# Below eight weeks the fitted members are worse than the plain average (NN5: .69-.82 and .62).
MATURE_FROM_DAYS = 56
WEIGHT_POWER = 4.0
MEMBER_NAMES = tuple(MEMBERS)
PRIOR_WEIGHTS: Mapping[bool, Floats] = {
    False: np.array([3.0, 1.0, 1.0, 1.0]) / 6,
    True: np.full(4, 0.25),
}

# Members x days ahead, for young (False) and mature (True) series.
Weights = Mapping[bool, Floats]


@dataclass(frozen=True, kw_only=True)
class MemberForecasts:
    """What each member says, before they are combined.

    Attributes:
        members: Members x series x days, not below 0; NaN where a member does not apply.
        fallback: Series x days for those too short for the members; NaN for the others.
        naive: Series x days, the seasonal naive beside everything.
        lengths: Days of history of each series; 0: none, and every forecast of it is NaN.
    """

    members: Floats
    fallback: Floats
    naive: Floats
    lengths: Floats


def fill_gaps(values: Floats) -> Floats:
    """Give a series without its days before the first known one, gaps filled by same weekdays.

    Args:
        values: One row of a panel; NaN where not known.
    """
    known = np.flatnonzero(np.isfinite(values))
    if known.size == 0:
        return np.empty(0)
    series = values[known[0] :].copy()
    mean = float(values[known].mean())
    # In order of time, so that a gap of several weeks is bridged by what was filled before.
    for day in np.flatnonzero(~np.isfinite(series)):
        near = [series[d] for d in (day - WEEK, day + WEEK) if 0 <= d < series.size]
        usable = [value for value in near if np.isfinite(value)]
        series[day] = float(np.mean(usable)) if usable else mean
    return series


def weekday_profile(values: Floats) -> Floats:
    """The pooled weekly shape of all series over the last four weeks, mean 1.

    Args:
        values: Series x days.

    Returns:
        Seven factors; the first is the first forecast day's.
    """
    recent = values[:, -4 * WEEK :]
    whole = recent[:, recent.shape[1] % WEEK :]
    usable = (row for row in whole if row.size and np.isfinite(row).all() and row.mean() > 0)
    ratios = [row.reshape(-1, WEEK).mean(axis=0) / row.mean() for row in usable]
    # The flat week among them keeps one odd series from shaping everybody's.
    profile = np.median(np.stack([np.ones(WEEK), *ratios]), axis=0)
    if profile.mean() <= 0:
        return np.ones(WEEK)
    shape: Floats = profile / profile.mean()
    return shape


def forecast_members(values: Floats, horizon: int) -> MemberForecasts:
    """Run every member that applies on every series.

    Args:
        values: Series x days of history, NaN where not known.
        horizon: Days to forecast.
    """
    count = values.shape[0]
    members = np.full((len(MEMBERS), count, horizon), np.nan)
    fallback, naive = np.full((count, horizon), np.nan), np.full((count, horizon), np.nan)
    lengths = np.zeros(count)
    profile = weekday_profile(values)
    filled = [fill_gaps(row) for row in values]
    anchor = shared_drift([weekly_steps(series) for series in filled])
    for row, series in enumerate(filled):
        lengths[row] = series.size
        if series.size == 0:
            continue
        naive[row] = np.maximum(seasonal_naive(series, horizon), 0)
        if series.size < ENSEMBLE_FROM_DAYS:
            fallback[row] = np.maximum(_short(series, horizon, profile), 0)
            continue
        for index, member in enumerate(MEMBERS.values()):
            members[index, row] = np.maximum(member(series, horizon, anchor), 0)
    return MemberForecasts(members=members, fallback=fallback, naive=naive, lengths=lengths)


def combine(forecasts: MemberForecasts, weights: Weights) -> Floats:
    """The point forecasts, series x days: the weighted mean of the members that gave a value."""
    horizon = forecasts.members.shape[2]
    mature = (forecasts.lengths >= MATURE_FROM_DAYS)[None, :, None]
    by_row = np.where(mature, weights[True][:, None, :horizon], weights[False][:, None, :horizon])
    present = np.isfinite(forecasts.members)
    weight = np.where(present, by_row, 0.0)
    total = weight.sum(axis=0)
    summed = (np.where(present, forecasts.members, 0.0) * weight).sum(axis=0)
    ensemble = np.divide(summed, total, out=np.full(total.shape, np.nan), where=total > 0)
    return np.where(np.isfinite(forecasts.fallback), forecasts.fallback, ensemble)


def method_name(length: int) -> str:
    """The route a series of this many days takes."""
    if length < PROFILE_BELOW_DAYS:
        return "weekday_profile"
    return "window_average" if length < ENSEMBLE_FROM_DAYS else "ensemble"


def _short(series: Floats, horizon: int, profile: Floats) -> Floats:
    """Too short to fit: the average of its weekdays, or its level on everybody's weekly shape."""
    if series.size >= PROFILE_BELOW_DAYS:
        return window_average(series, horizon)
    recent = series[-WEEK:]
    shape = np.resize(profile, horizon)
    # profile[k] is k days ahead, so the last day of history has the last factor.
    seen = np.take(profile, np.arange(-recent.size, 0), mode="wrap")
    level = recent.sum() / seen.sum() if seen.sum() > 0 else recent.mean()
    return np.asarray(level * shape, dtype=np.float64)
