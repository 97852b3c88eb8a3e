"""Rolling-origin backtest of one panel: what was forecast from each past day, and what came.

Weights and choices of an origin use only what was known at it, so its errors are honest.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.forecasting.ensemble import (
    ENSEMBLE_FROM_DAYS,
    MATURE_FROM_DAYS,
    PRIOR_WEIGHTS,
    MemberForecasts,
    combine,
    forecast_members,
)
from pipelines.forecasting.panel import Floats
from pipelines.forecasting.selection import ENSEMBLE, choose

ORIGIN_STEP_DAYS = 7
# Half a year of weekly origins: older errors tell of a company that is no more.
MAX_ORIGINS = 26
BLOCK_DAYS = 14
SCALE_DAYS = 56
# Movement of a series that has none to measure yet, as a share of its level.
UNKNOWN_MOVEMENT = 0.5
# A step of a series that hardly ever moves is thousands of its movements: no error of others.
MOST_MOVEMENTS = 25.0
WEIGHT_POWER = 4.0
# Weights are pooled over two weeks of days ahead on either side.
SMOOTHING_DAYS = 14
# So many origins of its own weigh as much as all series together.
OWN_ORIGINS = 8.0


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """Past forecasts and their errors; the last origin is now.

    Attributes:
        origins: How many days of history were known at each; the last: all of them.
        members: What each member said.
        point: Origins x series x days: the forecasts.
        choices: Origins x series: index of `selection.METHODS`.
        scales: Origins x series: each series' daily movement then, in its own unit; 0: none.
        actual: Origins x series x days: what came; NaN where it is not known (yet).
        errors: Origins but the last x series x days, (actual - forecast) / scale, the oldest origin
            first; NaN where there was no forecast, or no actual yet.
    """

    origins: tuple[int, ...]
    members: MemberForecasts
    point: Floats
    choices: npt.NDArray[np.int64]
    scales: Floats
    actual: Floats
    errors: Floats

    def known_at(self, index: int, horizon: int) -> Floats:
        """The errors that were known at one origin, up to so many days ahead."""
        errors = self.errors[:index, :, :horizon].copy()
        for past in range(index):
            errors[past, :, max(self.origins[index] - self.origins[past], 0) :] = np.nan
        return errors


def run_backtest(values: Floats, horizon: int) -> Backtest:
    """Forecast from past days as if the rest were not known, compare, and forecast from now.

    The first origin has four weeks of history, the last before now two weeks to compare with.

    Args:
        values: Series x days of history, NaN where not known.
        horizon: Days ahead to forecast and, at most, to compare.
    """
    days = values.shape[1]
    ends = range(days - BLOCK_DAYS, ENSEMBLE_FROM_DAYS - 1, -ORIGIN_STEP_DAYS)
    origins = (*sorted(ends)[-MAX_ORIGINS:], days)
    members = forecast_members(values, origins, horizon)
    actual = np.full((len(origins), len(values), horizon), np.nan)
    for index, origin in enumerate(origins):
        ahead = values[:, origin : origin + horizon]
        actual[index, :, : ahead.shape[1]] = ahead
    scales = np.stack([scale_of(values[:, :origin]) for origin in origins])
    point, choices = _combined(members, origins, actual, scales)
    with np.errstate(invalid="ignore", divide="ignore"):
        errors = (actual - point)[:-1] / np.where(scales > 0, scales, np.nan)[:-1, :, None]
        errors[np.abs(errors) > MOST_MOVEMENTS] = np.nan
    return Backtest(
        origins=origins,
        members=members,
        point=point,
        choices=choices,
        scales=scales,
        actual=actual,
        errors=errors,
    )


def movement(values: Floats) -> Floats:
    """Mean absolute change from day to day over the last 56 days; NaN where there is none."""
    steps = np.abs(np.diff(values[:, -(SCALE_DAYS + 1) :], axis=1))
    known = np.isfinite(steps)
    count = known.sum(axis=1)
    total = np.where(known, steps, 0.0).sum(axis=1)
    moved: Floats = np.divide(total, count, out=np.full(len(values), np.nan), where=total > 0)
    return moved


def scale_of(values: Floats) -> Floats:
    """Each series' daily movement; too short to have moved: half its level; constant: 0."""
    moved = movement(values)
    known = np.isfinite(values)
    level = np.where(known, np.abs(values), 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    unknown = np.where(known.sum(axis=1) < 2, UNKNOWN_MOVEMENT * level, 0.0)
    return np.where(np.isfinite(moved), moved, unknown)


def _combined(
    members: MemberForecasts, origins: tuple[int, ...], actual: Floats, scales: Floats
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Every origin's forecasts and choices, in order of time: each learns from those before."""
    point = np.full(actual.shape, np.nan)
    choices = np.full(actual.shape[:2], ENSEMBLE)
    unit = np.where(scales > 0, scales, np.nan)[None, :, :, None]
    error = np.abs(members.members - actual[None]) / unit
    naive_error = np.abs(members.naive - actual) / unit[0]
    ensemble_error = np.full(actual.shape, np.nan)
    leads = np.arange(1, actual.shape[2] + 1)
    for index, origin in enumerate(origins):
        came = (np.array(origins[:index])[:, None] + leads <= origin)[:, None, :]
        past = np.where(came, error[:, :index], np.nan)
        mature = members.lengths[:index] >= MATURE_FROM_DAYS
        weights = _weights(past, mature, members.lengths[index] >= MATURE_FROM_DAYS)
        blend = combine(members.members[:, index], weights)
        candidates = np.concatenate([ensemble_error[None, :index], error[:, :index]])
        candidates = np.concatenate([candidates, naive_error[None, :index]])
        choices[index] = choose(np.where(came, candidates, np.nan))
        said = np.concatenate([blend[None], members.members[:, index], members.naive[None, index]])
        chosen = np.take_along_axis(said, choices[index][None, :, None], axis=0)[0]
        short = np.isfinite(members.fallback[index])
        point[index] = np.where(short, members.fallback[index], chosen)
        ensemble_error[index] = np.abs(blend - actual[index]) / unit[0, index]
    return point, choices


def _weights(
    past: Floats, then_mature: npt.NDArray[np.bool_], mature: npt.NDArray[np.bool_]
) -> Floats:
    """Members x series x days: by everybody's errors so far ahead, and by the series' own.

    By days ahead, because growth decides far away what the weekly pattern decides tomorrow.

    Args:
        past: Members x origins x series x days, scaled absolute errors; NaN: not known.
        then_mature: Origins x series, whether the series was mature then.
        mature: Of each series, now.
    """
    count, horizon = past.shape[2:]
    weights = np.empty((len(past), count, horizon))
    # Only points that every member forecast: otherwise the weak ones skip the hard series.
    fair: npt.NDArray[np.bool_] = np.asarray(np.isfinite(past).all(axis=0))
    scored = np.where(fair[None], past, 0.0)
    for is_mature in (False, True):
        rows = then_mature == is_mature
        pooled = _pooled(scored, fair, rows, PRIOR_WEIGHTS[is_mature])
        weights[:, mature == is_mature] = pooled[:, None, :]
    return weights * _own(scored, fair)[:, :, None]


def _pooled(
    scored: Floats, fair: npt.NDArray[np.bool_], rows: npt.NDArray[np.bool_], prior: Floats
) -> Floats:
    """Members x days: the prior, times the pooled mean error to the -4.

    Days further ahead than was ever compared keep the last weights.
    """
    horizon = fair.shape[2]
    total = np.where(rows[None, :, :, None], scored, 0.0).sum(axis=(1, 2))
    count = (fair & rows[:, :, None]).sum(axis=(0, 1))
    weights = np.repeat(prior[:, None], horizon, axis=1)
    compared = np.flatnonzero(count)
    for day in range(horizon if compared.size else 0):
        center = min(day, int(compared[-1]))
        window = slice(max(center - SMOOTHING_DAYS, 0), center + SMOOTHING_DAYS + 1)
        mean = total[:, window].sum(axis=1) / max(count[window].sum(), 1)
        if (mean > 0).all():
            weights[:, day] *= mean**-WEIGHT_POWER
    normed: Floats = weights / weights.sum(axis=0)
    return normed


def _own(scored: Floats, fair: npt.NDArray[np.bool_]) -> Floats:
    """Members x series: how much better a member is on this series than the others are."""
    origins = fair.any(axis=2).sum(axis=0)
    total = scored.sum(axis=(1, 3))
    usable = (total > 0).all(axis=0)
    logs = np.log(np.where(usable, total, 1.0))
    trust = np.where(usable, origins / (origins + OWN_ORIGINS), 0.0)
    factor: Floats = np.exp(-WEIGHT_POWER * trust * (logs - logs.mean(axis=0)))
    return factor
