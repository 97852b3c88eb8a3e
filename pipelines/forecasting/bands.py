"""Intervals of sample paths."""

import numpy as np

from pipelines.forecasting.panel import Floats

# Outermost last, so that each can be held around the one inside it.
LEVELS = (50, 80, 95)


def quantiles(draws: Floats, levels: Floats) -> Floats:
    """Levels x days: linear interpolation between the sorted paths, as numpy.quantile does it.

    Args:
        draws: Paths x days.
        levels: 0 to 1.
    """
    ordered = np.sort(np.ascontiguousarray(draws.T), axis=1)
    place = levels * (ordered.shape[1] - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, ordered.shape[1] - 1)
    share = place - below
    found: Floats = (ordered[:, below] * (1 - share) + ordered[:, above] * share).T
    return found


def bands(point: Floats, draws: Floats) -> dict[str, Floats]:
    """Lower and upper ends of the 50, 80 and 95 % intervals, around the point forecast.

    Cutting paths at 0 moves the median of a sum above the sum of the points; the spread is what
    the paths are asked for, so it is laid around the point.

    Args:
        point: Days.
        draws: Paths x days.

    Returns:
        `lower_50`, `upper_50` and so on; days, not below 0.
    """
    tails = np.array([(1 - level / 100) / 2 for level in LEVELS])
    found = quantiles(draws, np.array([0.5, *tails, *(1 - tails)]))
    moved = np.maximum(found[1:] + point - found[0], 0)
    out, lower, upper = {}, point, point
    for index, level in enumerate(LEVELS):
        lower = np.minimum(moved[index], lower)
        upper = np.maximum(moved[index + len(LEVELS)], upper)
        out[f"lower_{level}"], out[f"upper_{level}"] = lower, upper
    return out
