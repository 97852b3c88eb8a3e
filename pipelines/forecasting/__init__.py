"""Demand forecasts: plain Python, daily facts in, tables out. No Dagster, no database."""

from pipelines.forecasting.demand import forecast_demand, forecast_measures, tabulate
from pipelines.forecasting.evaluation import backtest
from pipelines.forecasting.everything import Outcome, forecast_all
from pipelines.forecasting.frame import FORECASTS, TABLES, empty_forecasts, empty_table, write_table

__all__ = [
    "FORECASTS",
    "TABLES",
    "Outcome",
    "backtest",
    "empty_forecasts",
    "empty_table",
    "forecast_all",
    "forecast_demand",
    "forecast_measures",
    "tabulate",
    "write_table",
]
