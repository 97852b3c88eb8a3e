"""When a quota is used up: first passage of cumulative use through a limit, and its scores."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.forecasting.panel import Floats

LINEAR_DAYS = 28
ECE_BINS = 10


def first_passage(used: float, limit: float, draws: Floats) -> npt.NDArray[np.int64]:
    """The first day on which use since the reset reaches the limit, for each path.

    T = min{d : used + y_1 + ... + y_d >= limit}.

    Args:
        used: Use of the period before the first day.
        limit: What may be used, in the same unit.
        draws: Paths x days of daily use.

    Returns:
        Days, from 1; 0 where `used` reaches the limit already, days + 1 where no day does.
    """
    if used >= limit:
        return np.zeros(len(draws), dtype=np.int64)
    return _first(used + draws.cumsum(axis=1) >= limit)


def first_peak(limit: float, draws: Floats) -> npt.NDArray[np.int64]:
    """The first day whose own value reaches the limit: for rates, which do not add up.

    T = min{d : peak_d >= limit}; arguments and result as of `first_passage`.
    """
    return _first(draws >= limit)


def probability_by_day(passage: npt.NDArray[np.int64], days: int) -> Floats:
    """F(d), the share of paths that reached the limit on day d or before, for d = 1 to `days`."""
    reached: Floats = (passage[:, None] <= np.arange(1, days + 1)).mean(axis=0)
    return reached


def quantile_day(by_day: Floats, level: float) -> int | None:
    """The first day d, from 1, with F(d) >= level; None: not within the horizon."""
    reached = np.flatnonzero(by_day >= level)
    return int(reached[0]) + 1 if reached.size else None


def linear_counter(past: Floats, horizon: int) -> Floats:
    """Daily use as Prometheus' predict_linear foretells it from the counter of use.

    The least squares line through the cumulative use of the last 28 days, carried on.

    Args:
        past: Series x days, NaN where not known (as 0 in the counter: it does not move).
        horizon: Days to forecast.

    Returns:
        Series x days; the first holds the line's distance from the counter as well.
    """
    counter = np.nan_to_num(past[:, -LINEAR_DAYS:]).cumsum(axis=1)
    when = np.arange(counter.shape[1]) - (counter.shape[1] - 1.0)
    centered = when - when.mean()
    spread = max(float((centered**2).sum()), 1.0)
    slope = (counter * centered).sum(axis=1) / spread
    now = counter.mean(axis=1) - slope * when.mean()
    ahead = np.repeat(slope[:, None], horizon, axis=1)
    ahead[:, 0] += now - counter[:, -1]
    return ahead


@dataclass(frozen=True, kw_only=True)
class Scores:
    """How good probabilities of being exhausted were; NaN where nothing was scored.

    Attributes:
        integrated_brier: Mean over days of (F(d) - 1{T <= d})^2; proper, and the date counts.
        brier: The same of the last day alone: was it exhausted within the days at all?
        skill: 1 - brier / that of climatology, at the last day.
        ece: Expected calibration error over ten bins, at the last day: F is near 0 on most days
            before, where every forecast is calibrated.
    """

    integrated_brier: float
    brier: float
    skill: float
    ece: float


def score(probability: Floats, outcome: Floats, climatology: Floats) -> Scores:
    """Score probabilities by day against what came.

    Args:
        probability: F(d) of any number of quotas, days last.
        outcome: 1 where T <= d, 0 where not, NaN where not known; the same shape.
        climatology: What is foretold without knowing the series; the same shape.
    """
    square = (probability - outcome) ** 2
    last = np.isfinite(square[..., -1])
    if not last.any():
        return Scores(integrated_brier=np.nan, brier=np.nan, skill=np.nan, ece=np.nan)
    said, came = probability[..., -1][last], outcome[..., -1][last]
    brier = float(square[..., -1][last].mean())
    base = float(((climatology[..., -1][last] - came) ** 2).mean())
    bins = np.minimum((said * ECE_BINS).astype(np.int64), ECE_BINS - 1)
    gaps = np.bincount(bins, said - came, minlength=ECE_BINS)
    return Scores(
        integrated_brier=float(square[np.isfinite(square)].mean()),
        brier=brier,
        skill=1 - brier / base if base > 0 else np.nan,
        ece=float(np.abs(gaps).sum() / said.size),
    )


def _first(reached: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    first: npt.NDArray[np.int64] = np.where(
        reached.any(axis=1), reached.argmax(axis=1), reached.shape[1]
    )
    return first + 1
