"""The members of the ensemble: each continues one gapless daily series by `horizon` days.

A member takes the series, the horizon and the weekly log drift that all series share.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from pipelines.forecasting.panel import Floats

LOG = logging.getLogger(__name__)

WEEK = 7
WINDOW_WEEKS = 4
DRIFT_WEEKS = 13
MIN_DRIFT_WEEKS = 6
# A tenth a week is threefold in a quarter; a steeper trend never lasts that long.
MAX_WEEKLY_DRIFT = float(np.log(1.10))
# A fit that explodes is a fault of the fit: ten times the highest day ever seen bounds it.
EXPLOSION_FACTOR = 10.0

Member = Callable[[Floats, int, float], Floats]


def seasonal_naive(values: Floats, horizon: int) -> Floats:
    """Repeat the last week; with less than one week, its mean."""
    if values.size < WEEK:
        return np.full(horizon, values.mean())
    return np.resize(values[-WEEK:], horizon)


def window_average(values: Floats, horizon: int) -> Floats:
    """Mean of each weekday over the last four weeks (or as many whole weeks as there are)."""
    weeks = min(WINDOW_WEEKS, values.size // WEEK)
    if weeks == 0:
        return seasonal_naive(values, horizon)
    return np.resize(values[-weeks * WEEK :].reshape(weeks, WEEK).mean(axis=0), horizon)


def log_drift(values: Floats, horizon: int, anchor: float = 0.0) -> Floats:
    """Random walk with drift of the log weekly total, over 13 weeks, on the weekday pattern.

    One series' drift is mostly noise; it is drawn to everybody's by as much as its own standard
    error makes it doubtful.

    Args:
        values: A gapless series.
        horizon: Days to forecast.
        anchor: The drift that all series share, log per week.
    """
    pattern = window_average(values, WEEK)
    steps = weekly_steps(values)
    if steps.size < 2:
        return np.resize(pattern, horizon)
    apart, error = steps.mean() - anchor, steps.std(ddof=1) / np.sqrt(steps.size)
    drift = anchor + _shrunk(apart, error)
    drift = float(np.clip(drift, -MAX_WEEKLY_DRIFT, MAX_WEEKLY_DRIFT))
    # The pattern is centered half a window back; carry it on from there.
    back = (min(WINDOW_WEEKS, steps.size + 1) - 1) / 2
    ahead = np.arange(horizon) // WEEK + 1 + back
    continued: Floats = np.resize(pattern, horizon) * np.exp(drift * ahead)
    return continued


def weekly_steps(values: Floats) -> Floats:
    """Changes of the log weekly total over the last 13 weeks, oldest first; none below 2 weeks."""
    weeks = min(DRIFT_WEEKS + 1, values.size // WEEK)
    totals = values[values.size - weeks * WEEK :].reshape(weeks, WEEK).sum(axis=1)
    if weeks < 2 or totals.sum() <= 0:
        return np.empty(0)
    # A hundredth of the mean keeps an idle week from being minus infinity.
    return np.asarray(np.diff(np.log(np.maximum(totals, 0) + 0.01 * totals.mean())))


def shared_drift(steps: Sequence[Floats]) -> float:
    """The weekly log drift that series have in common; 0 when it cannot be told from noise.

    Args:
        steps: `weekly_steps` of each series; the younger half does not count.
    """
    sizes = [one.size for one in steps if one.size >= MIN_DRIFT_WEEKS]
    if not sizes:
        return 0.0
    weeks = int(np.median(sizes))
    typical = np.median(np.stack([one[-weeks:] for one in steps if one.size >= weeks]), axis=0)
    return _shrunk(typical.mean(), typical.std(ddof=1) / np.sqrt(typical.size))


def _shrunk(value: float, error: float) -> float:
    return 0.0 if value == 0 else float(value * value**2 / (value**2 + error**2))


def theta(values: Floats, horizon: int) -> Floats:
    """Dynamic optimized theta, season of 7 days."""
    # Imported where used: it takes two seconds, and most commands never fit anything.
    from statsforecast.models import DynamicOptimizedTheta

    return _fitted(DynamicOptimizedTheta(season_length=WEEK), values, horizon)


def mstl(values: Floats, horizon: int) -> Floats:
    """STL with a 7-day season; the level by simple exponential smoothing.

    On NN5 it is as good as the automatic search over trend forms at 180 days (MASE .632 and .631),
    better below 60, and costs a sixth. Growth is the business of the other members.
    """
    from statsforecast.models import MSTL, AutoETS

    trend = AutoETS(model="ANN")
    return _fitted(MSTL(season_length=[WEEK], trend_forecaster=trend), values, horizon)


def _fitted(model: Any, values: Floats, horizon: int) -> Floats:
    """A library fit on the series scaled to mean 1; NaN where it gives nothing usable."""
    if np.ptp(values) == 0:
        # Nothing to fit; the library would divide by the variance.
        return np.full(horizon, values[-1])
    level = float(np.abs(values).mean())
    try:
        mean = np.asarray(model.forecast(y=values / level, h=horizon)["mean"], dtype=np.float64)
    except Exception as error:  # noqa: BLE001 - a failed fit is raised as a bare Exception
        # One series that a model cannot fit must not cost everybody their forecast.
        LOG.warning("%s gave no forecast for a series: %s", model, error)
        return np.full(horizon, np.nan)
    if not np.isfinite(mean).all():
        return np.full(horizon, np.nan)
    bounded: Floats = np.minimum(mean * level, EXPLOSION_FACTOR * values.max())
    return bounded


MEMBERS: Mapping[str, Member] = {
    "window_average": lambda values, horizon, _: window_average(values, horizon),
    "log_drift": log_drift,
    "theta": lambda values, horizon, _: theta(values, horizon),
    "mstl": lambda values, horizon, _: mstl(values, horizon),
}
