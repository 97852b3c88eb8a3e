"""One run of the forecast: every measure, its backtest, what is kept of it, and every quota."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.forecasting.demand import (
    HORIZON_DAYS,
    SEED,
    forecast_measures,
    tabulate,
)
from pipelines.forecasting.demand_forecast import DemandForecast
from pipelines.forecasting.evaluation import backtest
from pipelines.forecasting.exhaustion import Outlook, exhaustion
from pipelines.forecasting.frame import empty_table
from pipelines.forecasting.pools import pool_quotas
from pipelines.forecasting.quotas import (
    Quota,
    demand_draws,
    own_paths,
    read_quotas,
    usd_per_unit,
)
from pipelines.forecasting.vintages import actual_days, add_vintage, with_actuals


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The tables of one run, each with the columns of its mart."""

    forecasts: pl.DataFrame
    backtests: pl.DataFrame
    vintages: pl.DataFrame
    quota_exhaustion: pl.DataFrame
    quota_exhaustion_daily: pl.DataFrame


def forecast_all(
    facts: Sequence[pl.DataFrame],
    *,
    consumption: pl.DataFrame,
    spend: pl.DataFrame,
    excluded: pl.DataFrame,
    kept: pl.DataFrame,
    pools: pl.DataFrame | None = None,
    known_costs: pl.DataFrame | None = None,
    horizon_days: int = HORIZON_DAYS,
    seed: int = SEED,
) -> Outcome:
    """Forecast, score the past, and tell when quotas will be used up.

    Args:
        facts: As `forecast_demand` takes them.
        consumption: Rows of fct_quota_consumption_daily.
        spend: As `usd_per_unit` takes it.
        excluded: Columns measure and usage_date: days that are not to be used.
        kept: Forecasts of earlier runs, rows of fct_forecast_vintages.
        pools: As `pool_quotas` takes it; None: no GPUs.
        known_costs: As `forecast_measures` takes it.
        horizon_days: Days to forecast, at least 1.
        seed: Of all sample paths; the same arguments give the same bytes.
    """
    quotas = read_quotas(consumption)
    capacities = [] if pools is None else pool_quotas(pools, quotas)
    outlooks: dict[str, Outlook | None] = {}
    tables: dict[str, list[pl.DataFrame]] = {"forecasts": [], "backtests": [], "actuals": []}
    origin = None
    # One measure at a time, but for the classes of tokens, which are held until all are told.
    for measure, one in forecast_measures(
        *facts,
        horizon_days=horizon_days,
        seed=seed,
        excluded=excluded,
        known_costs=known_costs,
    ):
        origin = one.panel.origin
        left_out = excluded.filter(pl.col("measure") == measure)["usage_date"].n_unique()
        tables["forecasts"].append(tabulate(one))
        tables["backtests"].append(backtest(one, excluded_days=left_out))
        tables["actuals"].append(actual_days(one))
        outlooks |= _from_demand(quotas, one, spend)
    if origin is None:
        origin = _day_after([*quotas, *capacities])
    rest = [quota for quota in quotas if quota.names["quota_id"] not in outlooks]
    for alone in (rest, capacities):
        outlooks |= _from_own_use(alone, excluded, spend, horizon_days, seed)
    limits = [*quotas, *capacities]
    ends, daily = exhaustion(outlooks, limits, origin=origin, days=horizon_days)
    forecasts = pl.concat([empty_table("forecasts"), *tables["forecasts"]])
    vintages = add_vintage(kept, forecasts)
    if tables["actuals"]:
        vintages = with_actuals(vintages, pl.concat(tables["actuals"]))
    return Outcome(
        forecasts=forecasts,
        backtests=pl.concat([empty_table("backtests"), *tables["backtests"]]),
        vintages=vintages,
        quota_exhaustion=ends,
        quota_exhaustion_daily=daily,
    )


def _day_after(quotas: Sequence[Quota]) -> date:
    """Where the horizon begins if nothing but quotas tells: all have the same last day."""
    return max((quota.last_day + timedelta(days=1) for quota in quotas), default=date.min)


def _from_demand(
    quotas: Sequence[Quota], forecast: DemandForecast, spend: pl.DataFrame
) -> dict[str, Outlook | None]:
    return {
        quota.names["quota_id"]: Outlook(
            draws=demand_draws(quota, forecast),
            basis="demand",
            usd_per_unit=usd_per_unit(quota, spend),
        )
        for quota in quotas
        if quota.measure == forecast.panel.measure
    }


def _from_own_use(
    quotas: Sequence[Quota], excluded: pl.DataFrame, spend: pl.DataFrame, horizon: int, seed: int
) -> dict[str, Outlook | None]:
    days = {
        str(measure): rows["usage_date"].to_list()
        for (measure,), rows in excluded.partition_by("measure", as_dict=True).items()
    }
    paths = own_paths(quotas, days, horizon=horizon, seed=seed)
    if paths is None:
        return {}
    found: dict[str, Outlook | None] = {}
    for row, quota in enumerate(quotas):
        draws = paths.of(row)
        found[quota.names["quota_id"]] = (
            Outlook(draws=draws, basis="own_use", usd_per_unit=usd_per_unit(quota, spend))
            if np.isfinite(draws).all()
            else None
        )
    return found
