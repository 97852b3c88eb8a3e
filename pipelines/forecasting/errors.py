"""Rolling-origin backtest of one panel: how wrong the members and the ensemble were."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.forecasting.ensemble import (
    ENSEMBLE_FROM_DAYS,
    MATURE_FROM_DAYS,
    PRIOR_WEIGHTS,
    WEIGHT_POWER,
    MemberForecasts,
    Weights,
    combine,
    forecast_members,
)
from pipelines.forecasting.panel import Floats

ORIGIN_STEP_DAYS = 7
# More of them sharpen little and each refits every series.
MAX_ORIGINS = 20
# Past fits see sixteen weeks: what a fit costs grows faster with its length than what it gains.
FIT_DAYS = 112
BLOCK_DAYS = 14
SCALE_DAYS = 56
# Weights are pooled over two weeks of days ahead on either side.
SMOOTHING_DAYS = 14

# What was forecast, what came, and each series' movement by then.
Evidence = tuple[MemberForecasts, Floats, Floats]


@dataclass(frozen=True, kw_only=True)
class Backtest:
    """The past forecasts' errors, in units of each series' daily movement.

    Attributes:
        weights: Of the members, by maturity of the series and days ahead.
        errors: Origins x series x days, (actual - forecast) / scale, the oldest origin first; NaN
            where there was no forecast, or no actual yet.
    """

    weights: Weights
    errors: Floats


def run_backtest(values: Floats, horizon: int) -> Backtest:
    """Forecast from past days as if the rest were not known, and compare.

    The first origin has four weeks of history, the last two weeks of days to compare with.

    Args:
        values: Series x days of history, NaN where not known.
        horizon: Most days ahead to compare.
    """
    days = values.shape[1]
    ends = range(days - BLOCK_DAYS, ENSEMBLE_FROM_DAYS - 1, -ORIGIN_STEP_DAYS)
    origins = sorted(ends)[-MAX_ORIGINS:]
    past = [
        forecast_members(values[:, max(o - FIT_DAYS, 0) : o], min(horizon, days - o))
        for o in origins
    ]
    scales = [movement(values[:, :o]) for o in origins]
    ahead = [values[:, o : o + horizon] for o in origins]
    evidence = list(zip(past, ahead, scales, strict=True))
    weights = {mature: _weights(evidence, horizon, mature=mature) for mature in (False, True)}
    errors = np.full((len(origins), values.shape[0], horizon), np.nan)
    for index, (forecasts, actual, scale) in enumerate(evidence):
        error = (actual - combine(forecasts, weights)) / scale[:, None]
        errors[index, :, : error.shape[1]] = error
    return Backtest(weights=weights, errors=errors)


def movement(values: Floats) -> Floats:
    """Mean absolute change from day to day over the last 56 days; NaN where there is none."""
    steps = np.abs(np.diff(values[:, -(SCALE_DAYS + 1) :], axis=1))
    known = np.isfinite(steps)
    count = known.sum(axis=1)
    total = np.where(known, steps, 0.0).sum(axis=1)
    moved: Floats = np.divide(total, count, out=np.full(len(values), np.nan), where=total > 0)
    return moved


def _weights(evidence: Sequence[Evidence], horizon: int, *, mature: bool) -> Floats:
    """Members x days ahead: the prior, times the pooled scaled mean absolute error to the -4.

    By days ahead, because growth decides far away what the weekly pattern decides tomorrow. Days
    further ahead than was ever compared keep the last weights.
    """
    prior = np.repeat(PRIOR_WEIGHTS[mature][:, None], horizon, axis=1)
    total, count = np.zeros(prior.shape), np.zeros(horizon)
    for forecasts, actual, scale in evidence:
        days = actual.shape[1]
        rows = (forecasts.lengths >= MATURE_FROM_DAYS) == mature
        error = np.abs(forecasts.members - actual) / scale[:, None]
        # Only points that every member forecast: otherwise the weak ones skip the hard series.
        fair = np.isfinite(error).all(axis=0) & rows[:, None]
        total[:, :days] += np.where(fair, error, 0.0).sum(axis=1)
        count[:days] += fair.sum(axis=0)
    compared = np.flatnonzero(count)
    for day in range(horizon if compared.size else 0):
        center = min(day, int(compared[-1]))
        window = slice(max(center - SMOOTHING_DAYS, 0), center + SMOOTHING_DAYS + 1)
        mean = total[:, window].sum(axis=1) / max(count[window].sum(), 1)
        if (mean > 0).all():
            prior[:, day] *= mean**-WEIGHT_POWER
    weights: Floats = prior / prior.sum(axis=0)
    return weights
