"""The demand forecast: bottom series, joint paths, and totals that are sums of both."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.forecasting.bands import bands
from pipelines.forecasting.demand_forecast import DemandForecast
from pipelines.forecasting.errors import run_backtest
from pipelines.forecasting.frame import FORECASTS, ORDER, empty_forecasts
from pipelines.forecasting.known_costs import COST, KnownCosts, beyond_known, own_rows
from pipelines.forecasting.levels import Series, series_of
from pipelines.forecasting.panel import Measure, Panel, build_panel, last_day, measures_in
from pipelines.forecasting.token_classes import FAMILY, with_parts

HORIZON_DAYS = 90
SEED = 7


def forecast_demand(
    *facts: pl.DataFrame,
    horizon_days: int = HORIZON_DAYS,
    seed: int = SEED,
    excluded: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Forecast every measure by day: organization, teams, providers, models, teams' models.

    Totals are the sums of the bottom series (team, provider and model), and their intervals those
    of the summed paths; active users, who cannot be summed, are forecast for each series itself.
    Retired series (no use in the last 28 days) are left out. A series whose cost is not known is
    forecast in its other measures only, and totals of cost then cover the known part.

    Args:
        facts: Frames with usage_date, team_id, provider_name, model_name and columns of measures;
            whole UTC days, in any order.
        horizon_days: Days to forecast, at least 1.
        seed: Of the sample paths; same facts and seed, same table.
        excluded: Columns measure and usage_date: days that are not to be used.

    Returns:
        The columns of fct_forecasts_daily, sorted; no rows for an empty history.

    Raises:
        ValueError: `horizon_days` is below 1.
    """
    forecasts = forecast_measures(*facts, horizon_days=horizon_days, seed=seed, excluded=excluded)
    tables = [tabulate(forecast) for _, forecast in forecasts]
    return pl.concat([empty_forecasts(), *tables]).sort(ORDER["forecasts"])


def forecast_measures(
    *facts: pl.DataFrame,
    horizon_days: int = HORIZON_DAYS,
    seed: int = SEED,
    excluded: pl.DataFrame | None = None,
    known_costs: pl.DataFrame | None = None,
) -> Iterator[tuple[Measure, DemandForecast]]:
    """Forecast every measure that the facts hold, one after the other; token classes together.

    Args:
        facts: As `forecast_demand` takes them, and so the others but
        horizon_days: Days to forecast, at least 1.
        seed: Of the sample paths.
        excluded: Columns measure and usage_date.
        known_costs: What own GPUs cost by contract: usage_date (days to come included), known_date
            and known_cost_usd; None: it is forecast as the rest is.
    """
    if horizon_days < 1:
        raise ValueError(f"horizon_days must be at least 1, not {horizon_days}")
    held = measures_in(facts)
    if not held:
        return
    origin = last_day(list(held.values())) + timedelta(days=1)

    def draft(measure: Measure, frame: pl.DataFrame) -> DemandForecast:
        panel = build_panel(
            frame,
            measure,
            origin=origin,
            excluded=_days(excluded, measure),
            # Their GPUs are still paid for: past sums without them would not be what is known.
            keep_retired=measure == COST and known_costs is not None,
        )
        return forecast_panel(panel, horizon_days=horizon_days, seed=seed)

    family = {measure: draft(measure, held[measure]) for measure in FAMILY if measure in held}
    yield from with_parts(family).items()
    del family
    for measure, frame in held.items():
        if measure in FAMILY:
            continue
        forecast = draft(measure, frame)
        if measure == COST and known_costs is not None and own_rows(forecast):
            left = beyond_known(frame, forecast.panel, known_costs, _days(excluded, measure))
            alone = forecast_panel(left, horizon_days=horizon_days, seed=seed)
            rest = replace(alone, lenders=forecast.tested)
            rows = tuple(own_rows(forecast))
            forecast = forecast.with_fit(KnownCosts(known=known_costs, rest=rest, rows=rows))
        yield measure, forecast


def forecast_panel(panel: Panel, *, horizon_days: int, seed: int) -> DemandForecast:
    """Forecast the bottom series of one measure, with their joint paths."""
    tested = run_backtest(panel.values, horizon_days)
    retired = sorted(panel.retired)
    tested.point[-1, retired] = tested.scales[-1, retired] = 0
    tested.members.naive[-1, retired] = 0
    return DemandForecast(panel=panel, tested=tested, series=series_of(panel), seed=seed)


def tabulate(forecast: DemandForecast) -> pl.DataFrame:
    """The forecast of one measure as rows of fct_forecasts_daily, every reported series."""
    tables = [_table(forecast, one) for one in forecast.series]
    return pl.concat([empty_forecasts(), *tables]).sort(ORDER["forecasts"])


def _days(excluded: pl.DataFrame | None, measure: Measure) -> list[date]:
    if excluded is None:
        return []
    days: list[date] = excluded.filter(pl.col("measure") == measure)["usage_date"].to_list()
    return days


def _table(forecast: DemandForecast, series: Series) -> pl.DataFrame:
    """The days of one reported series."""
    rows = list(series.rows)
    point = forecast.paths.point[rows].sum(axis=0)
    draws = forecast.paths.total(rows)
    daily = bands(point, draws)
    summed = bands(point.cumsum(), draws.cumsum(axis=1))
    origin, count = forecast.panel.origin, point.size
    return pl.DataFrame(
        {
            "forecast_origin_date": [origin] * count,
            **{name: [value] * count for name, value in series.names.items()},
            "measure": [forecast.panel.measure] * count,
            "forecast_date": [origin + timedelta(days=day) for day in range(count)],
            "horizon_days": np.arange(1, count + 1),
            "method_name": [forecast.method(series)] * count,
            "forecast_value": point,
            "naive_value": forecast.tested.members.naive[-1, rows].sum(axis=0),
            "cumulative_value": point.cumsum(),
            **{f"{end}_value": values for end, values in daily.items()},
            **{f"cumulative_{end}_value": values for end, values in summed.items()},
        }
    ).select(pl.col(name).cast(dtype) for name, dtype in FORECASTS.items())
