"""The plain members of the ensemble: each continues many gapless daily series at once.

All take series x days (NaN only before a series begins) and the days ahead to forecast, and give
series x days ahead, not below 0.
"""

import numpy as np
import numpy.typing as npt

from pipelines.forecasting.panel import Floats

WEEK = 7
WINDOW_WEEKS = 4
DRIFT_WEEKS = 13
MIN_DRIFT_WEEKS = 6
# A tenth a week is threefold in a quarter; a steeper trend never lasts that long.
MAX_WEEKLY_DRIFT = float(np.log(1.10))


def seasonal_naive(filled: Floats, horizon: int) -> Floats:
    """Repeat the last week; with less than one week, its mean."""
    recent = filled[:, -WEEK:]
    known = np.isfinite(recent)
    if recent.shape[1] == WEEK and known.all():
        return ahead_by_weekday(recent, horizon)
    mean = _mean(recent, known)
    whole = known.all(axis=1) & (recent.shape[1] == WEEK)
    repeated = ahead_by_weekday(recent, horizon)
    return np.where(whole[:, None], repeated, np.repeat(mean[:, None], horizon, axis=1))


def window_average(filled: Floats, horizon: int) -> Floats:
    """Mean of each weekday over the last four weeks, or as many whole weeks as a series has."""
    out = seasonal_naive(filled, horizon)
    lengths = np.isfinite(filled).sum(axis=1)
    for weeks in range(1, WINDOW_WEEKS + 1):
        rows = np.minimum(lengths // WEEK, WINDOW_WEEKS) == weeks
        if rows.any():
            recent = filled[rows, -weeks * WEEK :].reshape(-1, weeks, WEEK)
            out[rows] = ahead_by_weekday(recent.mean(axis=1), horizon)
    return out


def log_drift(filled: Floats, horizon: int) -> Floats:
    """Random walk with drift of the log weekly total, over 13 weeks, on the weekday pattern.

    One series' drift is mostly noise; it is drawn to everybody's by as much as its own standard
    error makes it doubtful.
    """
    pattern = window_average(filled, horizon)
    steps = weekly_steps(filled)
    count = np.isfinite(steps).sum(axis=1)
    anchor = shared_drift(steps)
    apart = _mean(steps, np.isfinite(steps)) - anchor
    drift = anchor + _shrunk(apart, _standard_error(steps))
    drift = np.where(count >= 2, np.clip(drift, -MAX_WEEKLY_DRIFT, MAX_WEEKLY_DRIFT), 0.0)
    # The pattern is centered half a window back; carry it on from there.
    back = (np.minimum(WINDOW_WEEKS, count + 1) - 1) / 2
    weeks = np.arange(horizon) // WEEK + 1 + back[:, None]
    continued: Floats = pattern * np.exp(drift[:, None] * weeks)
    return continued


def weekly_steps(filled: Floats) -> Floats:
    """Changes of the log weekly total, series x the last 13 weeks; NaN where there is none."""
    weeks = min(DRIFT_WEEKS + 1, filled.shape[1] // WEEK)
    if weeks < 2:
        return np.empty((len(filled), 0))
    recent = filled[:, filled.shape[1] - weeks * WEEK :]
    totals = np.maximum(recent.reshape(len(filled), weeks, WEEK).sum(axis=2), 0)
    mean = _mean(totals, np.isfinite(totals))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        # A hundredth of the mean keeps an idle week from being minus infinity.
        steps = np.diff(np.log(totals + 0.01 * mean), axis=1)
    return np.where(np.isfinite(steps) & (mean > 0), steps, np.nan)


def shared_drift(steps: Floats) -> float:
    """The weekly log drift that series have in common; 0 when it cannot be told from noise.

    Args:
        steps: `weekly_steps`; of the series long enough, the younger half does not count.
    """
    count = np.isfinite(steps).sum(axis=1)
    enough = count >= MIN_DRIFT_WEEKS
    if not enough.any():
        return 0.0
    weeks = int(np.median(count[enough]))
    rows = steps[count >= weeks, -weeks:]
    typical = np.median(rows[np.isfinite(rows).all(axis=1)], axis=0)[None, :]
    drift = _shrunk(typical.mean(axis=1), _standard_error(typical))
    return float(np.nan_to_num(drift[0]))


def ahead_by_weekday(week: Floats, horizon: int) -> Floats:
    """Repeat the seven days of each row until the horizon."""
    columns: npt.NDArray[np.int64] = np.arange(horizon) % max(week.shape[1], 1)
    return week[:, columns] if week.shape[1] else np.full((len(week), horizon), np.nan)


def _mean(values: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    mean: Floats = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return mean


def _standard_error(steps: Floats) -> Floats:
    known = np.isfinite(steps)
    count = known.sum(axis=1)
    apart = np.where(known, steps - _mean(steps, known)[:, None], 0.0)
    variance = (apart**2).sum(axis=1) / np.maximum(count - 1, 1)
    return np.where(count >= 2, np.sqrt(variance / np.maximum(count, 1)), np.inf)


def _shrunk(value: Floats, error: Floats) -> Floats:
    """Each value, times the share of it that its standard error leaves credible."""
    square = value**2
    with np.errstate(invalid="ignore"):
        share = np.divide(square, square + error**2, out=np.zeros_like(value), where=square > 0)
    return np.nan_to_num(value * share)
