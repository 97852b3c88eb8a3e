"""Which method a series gets: the ensemble, unless one method was clearly better on it."""

import numpy as np
import numpy.typing as npt

from pipelines.forecasting.ensemble import (
    ENSEMBLE_FROM_DAYS,
    MEMBER_NAMES,
    PROFILE_BELOW_DAYS,
)
from pipelines.forecasting.panel import Floats

METHODS = ("ensemble", *MEMBER_NAMES, "seasonal_naive")
ENSEMBLE = 0
# Days ahead that decide, as many as have come within a month.
JUDGED_DAYS = 28
# Origins a week apart share three quarters of these days.
OVERLAP = JUDGED_DAYS / 7
MIN_ORIGINS = 8
# A lead over the ensemble of so many standard errors is no chance.
CLEAR_ERRORS = 2.0


def choose(errors: Floats) -> npt.NDArray[np.int64]:
    """Choose a method for each series by its past errors.

    Args:
        errors: Methods x origins x series x days, scaled absolute errors; NaN: not known.

    Returns:
        For each series the index of its method in `METHODS`.
    """
    lead, doubt = _leads(errors)
    clear = np.where(lead > CLEAR_ERRORS * doubt, lead, 0.0)
    return np.where(clear.max(axis=0) > 0, clear.argmax(axis=0), ENSEMBLE).astype(np.int64)


def _leads(errors: Floats) -> tuple[Floats, Floats]:
    """By how much each method's mean error is below the ensemble's, and the standard error."""
    judged = errors[..., :JUDGED_DAYS]
    known: npt.NDArray[np.bool_] = np.asarray(np.isfinite(judged).all(axis=0))
    days = known.sum(axis=2)
    mean = np.where(known[None], judged, 0.0).sum(axis=3) / np.maximum(days, 1)
    better = mean[ENSEMBLE] - mean
    usable = (days == judged.shape[3]) if judged.shape[3] else np.zeros(days.shape, dtype=bool)
    count = usable.sum(axis=0)
    lead = np.where(usable, better, 0.0).sum(axis=1) / np.maximum(count, 1)
    apart = np.where(usable, better - lead[:, None], 0.0)
    variance = (apart**2).sum(axis=1) / np.maximum(count - 1, 1)
    doubt = np.sqrt(variance * OVERLAP / np.maximum(count, 1))
    return lead, np.where(count >= MIN_ORIGINS, doubt, np.inf)


def explain(length: int, method: str) -> str:
    """Why a series of so many days has its method, in words."""
    if length < PROFILE_BELOW_DAYS:
        return f"{length} days of history: its level on the weekly shape of all series"
    if length < ENSEMBLE_FROM_DAYS:
        return f"{length} days of history: the average of its weekdays"
    if method == METHODS[ENSEMBLE]:
        return "no single method was clearly better than the ensemble in the backtest"
    return "clearly better than the ensemble in the backtest, by over two standard errors"


def method_name(length: int, choice: int) -> str:
    """The method of a series of this many days."""
    if length < PROFILE_BELOW_DAYS:
        return "weekday_profile"
    return "window_average" if length < ENSEMBLE_FROM_DAYS else METHODS[choice]
