"""Demand forecasts: plain Python, daily facts in, a table out. No Dagster, no database."""

from pipelines.forecasting.demand import forecast_demand
from pipelines.forecasting.evaluation import backtest
from pipelines.forecasting.frame import FORECASTS, empty_forecasts, write_forecasts

__all__ = ["FORECASTS", "backtest", "empty_forecasts", "forecast_demand", "write_forecasts"]
