"""Joint sample paths: whole past errors, the same origin for all series in one draw.

Errors of one day follow those of the day before, and all teams are surprised by the same events;
days or series drawn independently would make sums look far more certain than they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.forecasting.errors import BLOCK_DAYS, ORIGIN_STEP_DAYS, Backtest
from pipelines.forecasting.panel import Floats

PATHS = 400
# Fewer origins than this say too little about a whole horizon: build paths from 14-day blocks.
MIN_WHOLE_ORIGINS = 8
# Of the level's variance, what all series share when too few origins show it.
SHARED_VARIANCE = 0.5
# Not even short calm histories promise a level closer than half a day's movement.
MIN_LEVEL_SD = 0.5


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Possible futures of the bottom series of one measure.

    Attributes:
        keys: (team_id, model_name) of each series.
        point: Series x days.
        draws: Series x paths x days, not below 0. Path p is one future of all series together, so
            any sum over series, or running sum over days, is taken path by path.
    """

    keys: Sequence[tuple[str, str]]
    point: Floats
    draws: Floats


def draw_paths(
    keys: Sequence[tuple[str, str]], point: Floats, scale: Floats, tested: Backtest, seed: int
) -> Paths:
    """Lay past errors on the point forecasts.

    Args:
        keys: Names of the series.
        point: Series x days.
        scale: Daily movement of each series, in its own units; 0: it never moved.
        tested: Past errors of these series.
        seed: Same seed, same paths. Measures drawn with one seed share origins and donors.
    """
    generator = np.random.default_rng(seed)
    count, horizon = point.shape
    errors = np.empty((count, PATHS, horizon))
    whole = _complete(tested.errors)
    if len(whole) >= MIN_WHOLE_ORIGINS:
        _draw(errors, whole, generator)
        # Overlapping origins repeat each other: of futures this long, so many apart were seen.
        span = horizon + ORIGIN_STEP_DAYS * (len(whole) - 1)
        errors *= np.sqrt(1 + np.arange(1, horizon + 1) / span)
    else:
        _draw_blocks(errors, tested.errors, generator)
    errors -= np.median(errors, axis=(0, 1), keepdims=True)
    draws = np.maximum(point[:, None, :] + scale[:, None, None] * errors, 0)
    return Paths(keys=keys, point=point, draws=draws)


def _complete(errors: Floats) -> list[Floats]:
    """For each origin that has any, the trajectories (donors x days) without a gap."""
    donors = [origin[np.isfinite(origin).all(axis=1)] for origin in errors]
    return [trajectories for trajectories in donors if len(trajectories)]


def _draw(out: Floats, pools: Sequence[Floats], generator: np.random.Generator) -> None:
    """Fill series x paths x days: an origin for each path, then a donor of it for each series."""
    count, paths, _ = out.shape
    origins = generator.integers(len(pools), size=(paths,))
    picks = generator.random((count, paths))
    for path, origin in enumerate(origins):
        donors = pools[origin]
        out[:, path, :] = donors[(picks[:, path] * len(donors)).astype(np.int64)]


def _draw_blocks(out: Floats, errors: Floats, generator: np.random.Generator) -> None:
    """Fill series x paths x days from 14-day blocks, plus a level that widens with the horizon."""
    horizon = out.shape[2]
    slots = [
        pool
        for start in range(0, errors.shape[2] - BLOCK_DAYS + 1, BLOCK_DAYS)
        if (pool := _complete(errors[:, :, start : start + BLOCK_DAYS]))
    ]
    spread = np.concatenate([d.mean(axis=1) for d in slots[0]]).std() if slots else 1.0
    shared = generator.standard_normal((1, out.shape[1], 1))
    own = generator.standard_normal((out.shape[0], out.shape[1], 1))
    level = shared * np.sqrt(SHARED_VARIANCE) + own * np.sqrt(1 - SHARED_VARIANCE)
    level *= max(float(spread), MIN_LEVEL_SD)
    for index, start in enumerate(range(0, horizon, BLOCK_DAYS)):
        block = np.zeros((*out.shape[:2], BLOCK_DAYS))
        if slots:
            # Later blocks come from as far ahead as was ever compared.
            _draw(block, slots[min(index, len(slots) - 1)], generator)
        beyond = index + 1 if not slots else max(index + 1 - len(slots), 0) + 1
        width = min(BLOCK_DAYS, horizon - start)
        out[:, :, start : start + width] = block[:, :, :width] + level * np.sqrt(beyond)
