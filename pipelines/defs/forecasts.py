"""Forecasts from the daily costs; dbt publishes them as a mart."""

import dagster as dg

from pipelines.defs.resources import DataFolder
from pipelines.forecast_step import forecast


@dg.asset(
    key=["forecasts", "forecasts"],
    group_name="forecasts",
    deps=[dg.AssetKey("fct_token_costs_daily")],
)
def forecasts(folder: DataFolder) -> dg.MaterializeResult[None]:
    """Ninety days of tokens and cost by team and model, with intervals and the naive baseline."""
    return dg.MaterializeResult(metadata={"rows": forecast(folder.settings)})
