"""From the warehouse's daily costs to the forecast file."""

import duckdb

from pipelines.forecasting import empty_forecasts, forecast_demand, write_forecasts
from pipelines.settings import Settings

HISTORY = """
select usage_date, provider_name, model_name, team_id, total_tokens, effective_cost_usd
from fct_token_costs_daily
order by all
"""


def forecast(settings: Settings) -> int:
    """Forecast demand from the newest history; returns the rows written."""
    with duckdb.connect(settings.warehouse, read_only=True) as connection:
        history = connection.sql(HISTORY).pl()
    frame = forecast_demand(history)
    write_forecasts(frame, settings.forecasts)
    return frame.height


def ensure_forecasts(settings: Settings) -> None:
    """Before the first forecast dbt reads a file without rows."""
    if not settings.forecasts.exists():
        write_forecasts(empty_forecasts(), settings.forecasts)
