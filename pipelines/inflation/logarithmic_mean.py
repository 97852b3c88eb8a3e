"""The logarithmic mean, on which exact decompositions rest."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Beyond this relative half distance ln(a / b) has all its digits; below it atanh keeps them.
_CLOSE = 0.5


def log_ratio(after: npt.ArrayLike, before: npt.ArrayLike) -> Floats:
    """ln(after / before), accurate also where both are almost equal.

    Args:
        after: Positive numbers, any shape and unit.
        before: Positive numbers of the same unit; broadcast against `after`.

    Returns:
        Dimensionless; NaN where either is not positive.
    """
    a, b = np.broadcast_arrays(np.asarray(after, float), np.asarray(before, float))
    known = (a > 0) & (b > 0)
    a, b = np.where(known, a, 1.0), np.where(known, b, 1.0)
    half_distance = (a - b) / (a + b)
    is_close = np.abs(half_distance) < _CLOSE
    close = 2 * np.arctanh(np.where(is_close, half_distance, 0.0))
    # Two logarithms and no quotient: 1e300 / 1e-300 would overflow.
    ratio = np.where(is_close, close, np.log(a) - np.log(b))
    return np.where(known, ratio, np.nan)


def log_mean(a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """L(a, b) = (a - b) / ln(a / b), L(a, a) = a, L(a, 0) = 0.

    Source: Ang (2005), Energy Policy 33:867, equation 3; Vartia (1976).

    Args:
        a: Numbers of 0 or more, any shape.
        b: Numbers of the same unit; broadcast against `a`.

    Returns:
        The mean in the unit of `a`; between both numbers.
    """
    first, second = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float))
    distance = log_ratio(first, second)
    is_apart = np.isfinite(distance) & (distance != 0)
    mean = (first - second) / np.where(is_apart, distance, 1.0)
    equal = np.where(first == second, first, 0.0)
    return np.where(is_apart, mean, np.where(np.isfinite(distance), first, equal))
