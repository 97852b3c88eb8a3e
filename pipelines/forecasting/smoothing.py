"""Exponential smoothing over a whole grid of settings at once, weighted by past multi-step errors.

Holt-Winters with additive season of seven days and damped trend, in error correction form (Hyndman
et al., Forecasting with Exponential Smoothing, 2008):

    e = y - (level + phi trend + season[t mod 7])
    level += phi trend + alpha e;  trend = phi trend + alpha beta e;  season += gamma (1 - alpha) e

A setting's weight is its mean squared error to the power of minus half the days it was scored on,
as in Bayesian model averaging, but over errors up to four weeks ahead: weights by the error of the
next day are 4 to 10 % worse on NN5. One pass over the history gives the forecasts of every origin.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from pipelines.forecasting.panel import Floats

WEEK = 7
FIRST_FIT_DAYS = 28
ALPHAS = (0.02, 0.05, 0.1, 0.2, 0.4)
TRENDS = ((0.0, 0.9), (0.03, 0.9), (0.03, 0.97), (0.03, 1.0), (0.1, 0.9), (0.1, 0.97), (0.1, 1.0))
GAMMAS = (0.0, 0.05, 0.15, 0.3)
# alpha, beta, phi, gamma of each setting: 4 x 140.
SETTINGS = np.array([(a, b, p, g) for a in ALPHAS for b, p in TRENDS for g in GAMMAS]).T
ALPHA, BETA, PHI, GAMMA = SETTINGS
DAMPINGS = np.unique(PHI)
# Every third day's forecasts are scored, for four weeks: neighbors tell the same.
KEPT_EVERY_DAYS = 3
SCORED_DAYS = 28
KEPT = -(-SCORED_DAYS // KEPT_EVERY_DAYS)
MEMORY = 0.985
MOST_EVIDENCE_DAYS = 60.0
# So many series fit a core's cache together with their settings.
CHUNK = 32


def smooth(values: Floats, origins: Sequence[int], horizon: int) -> Floats:
    """Forecast every series from every origin.

    Args:
        values: Series x days of history, NaN where not known.
        origins: How many days are known at each, ascending.
        horizon: Days to forecast.

    Returns:
        Origins x series x days ahead; NaN where a series had no known day yet.
    """
    out = np.full((len(origins), len(values), horizon), np.nan)
    for start in range(0, len(values), CHUNK):
        rows = slice(start, start + CHUNK)
        out[:, rows] = _smooth(values[rows], origins, horizon)
    return out


def _smooth(values: Floats, origins: Sequence[int], horizon: int) -> Floats:
    out = np.full((len(origins), len(values), horizon), np.nan)
    states = _States(values)
    at = {origin: index for index, origin in enumerate(origins)}
    begun = np.isfinite(values).cumsum(axis=1) > 0
    for day in range(max(origins, default=0)):
        states.score(day, values[:, day])
        states.update(day, values[:, day])
        if (index := at.get(day + 1)) is not None:
            ahead = states.ahead(day + 1, horizon)
            out[index] = np.where(begun[:, day, None], ahead, np.nan)
    return out


class _States:
    """Level, trend and season of series x settings, and how wrong each setting was."""

    def __init__(self, values: Floats) -> None:
        shape = (len(values), ALPHA.size)
        level, season = _first_fit(values)
        self.level = np.repeat(level[:, None], ALPHA.size, axis=1)
        self.trend = np.zeros(shape)
        self.season = np.repeat(season.T[:, :, None], ALPHA.size, axis=2)
        self.kept_level, self.kept_trend = np.zeros((2, KEPT, *shape))
        self.kept_season = np.zeros((KEPT, WEEK, *shape))
        self.kept_from = np.full(KEPT, -1)
        self.loss = np.zeros(shape)
        self.days = np.zeros(len(values))

    def score(self, day: int, actual: Floats) -> None:
        """Add the squared errors of the kept forecasts of this day."""
        if day % KEPT_EVERY_DAYS == 0:
            slot = day // KEPT_EVERY_DAYS % KEPT
            self.kept_level[slot], self.kept_trend[slot] = self.level, self.trend
            self.kept_season[slot] = self.season
            self.kept_from[slot] = day
        live = self.kept_from >= 0
        leads = day - self.kept_from[live] + 1
        error = self.kept_trend[live] * _damped(PHI, leads)[:, None, :]
        error += self.kept_level[live]
        error += self.kept_season[live, day % WEEK]
        error -= actual[:, None]
        known = np.isfinite(actual)
        self.loss *= MEMORY
        self.loss[known] += np.einsum("ksg,ksg->sg", error, error)[known]
        self.days = self.days * MEMORY + known

    def update(self, day: int, actual: Floats) -> None:
        """Learn from what came."""
        drift = PHI * self.trend
        season = self.season[day % WEEK]
        error = actual[:, None] - self.level - drift - season
        error[~np.isfinite(actual)] = 0.0
        self.level += drift + ALPHA * error
        self.trend = drift + ALPHA * BETA * error
        season += GAMMA * (1 - ALPHA) * error

    def ahead(self, origin: int, horizon: int) -> Floats:
        """Series x days: the weighted mean of all settings' forecasts."""
        evidence = np.minimum(self.days, MOST_EVIDENCE_DAYS)[:, None] / 2
        power = -evidence * np.log(self.loss + np.finfo(float).tiny)
        weight = np.exp(power - power.max(axis=1, keepdims=True))
        weight /= weight.sum(axis=1, keepdims=True)
        leads = np.arange(1, horizon + 1, dtype=np.int64)
        season = np.einsum("dsg,sg->sd", self.season, weight)
        out: Floats = (self.level * weight).sum(axis=1)[:, None] + season[
            :, (origin + leads - 1) % WEEK
        ]
        # Forecasts are linear in the states, so settings of one damping are averaged before.
        for phi in DAMPINGS:
            slope = (self.trend * weight)[:, phi == PHI].sum(axis=1)
            out += slope[:, None] * _damped(np.array([phi]), leads)[:, 0]
        return out


def _damped(phi: Floats, leads: npt.NDArray[np.int64]) -> Floats:
    """Phi + phi^2 + ... + phi^lead, leads x settings."""
    powers = phi[None, :] ** np.arange(1, leads.max() + 1)[:, None]
    sums: Floats = powers.cumsum(axis=0)[leads - 1]
    return sums


def _first_fit(values: Floats) -> tuple[Floats, Floats]:
    """Level, and the seven seasonal terms by calendar slot, of each series' first four weeks."""
    level, season = np.zeros(len(values)), np.zeros((len(values), WEEK))
    for row, series in enumerate(values):
        known = np.flatnonzero(np.isfinite(series))
        if known.size == 0:
            continue
        first = known[known < known[0] + FIRST_FIT_DAYS]
        level[row] = series[first].mean()
        for slot in range(WEEK):
            same = series[first[first % WEEK == slot]]
            season[row, slot] = same.mean() - level[row] if same.size else 0.0
    return level, season
