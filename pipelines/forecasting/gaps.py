"""Days that are not known, filled for members that need every day.

No day is filled from a later one that a past forecast would not have known.
"""

import numpy as np

from pipelines.forecasting.panel import Floats

WEEK = 7


def fill_gaps(values: Floats) -> Floats:
    """Fill the gaps of each series by the same weekday of the week before.

    A gap in a series' first week is filled by the week after it, else by the mean so far. Days
    before the first known one stay NaN.

    Args:
        values: Series x days, NaN where not known.
    """
    filled = values.copy()
    for series in filled:
        known = np.flatnonzero(np.isfinite(series))
        if known.size == 0 or known.size == series.size - known[0]:
            continue
        start = known[0]
        # In order of time, so that a gap of several weeks is bridged by what was filled before.
        for day in start + np.flatnonzero(~np.isfinite(series[start:])):
            series[day] = _likely(series, start, day)
    return filled


def lengths(values: Floats) -> Floats:
    """Days of history of each series, from its first known day on; 0: none."""
    begun = np.isfinite(values).cumsum(axis=1) > 0
    days: Floats = begun.sum(axis=1).astype(np.float64)
    return days


def _likely(series: Floats, start: int, day: int) -> float:
    if day - WEEK >= start:
        return float(series[day - WEEK])
    if day + WEEK < series.size and np.isfinite(series[day + WEEK]):
        return float(series[day + WEEK])
    return float(series[start:day].mean())


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
