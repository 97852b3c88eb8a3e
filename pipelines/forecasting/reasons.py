"""What is told beside the scores of a series: how much history it has, and why its method."""

import numpy as np

from pipelines.forecasting.demand_forecast import STEPPED_METHOD, SUM_METHOD, DemandForecast
from pipelines.forecasting.levels import Series
from pipelines.forecasting.selection import explain


def history_of(forecast: DemandForecast, series: Series) -> dict[str, int]:
    """Days since the series began, and how many of them are not known."""
    values = forecast.panel.values[list(series.rows)]
    begun = np.isfinite(values).cumsum(axis=1) > 0
    unknown = (begun & ~np.isfinite(values)).any(axis=0)
    return {
        "history_day_count": int(begun.any(axis=0).sum()),
        "missing_day_count": int(unknown.sum()),
    }


def reason(forecast: DemandForecast, series: Series) -> str:
    """Why a series is forecast as it is, in words."""
    method = forecast.method(series)
    if method == SUM_METHOD:
        return f"the sum of {len(series.rows)} series, each by its own method"
    if method == STEPPED_METHOD:
        return "stepped to another level within eight weeks: the average of its weekdays since"
    row = series.rows[0]
    return explain(int(forecast.tested.members.lengths[-1, row]), method)
