"""Drivers and quotas of a company from its published snapshot."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import polars as pl

from pipelines.forecast_queries import read
from pipelines.forecasting.demand import SEED, forecast_panel
from pipelines.forecasting.panel import build_panel
from pipelines.forecasting.quotas import read_quotas
from pipelines.forecasting.runs import limited_periods
from pipelines.scenarios.drivers import SELF_HOSTED, Drivers, Key
from pipelines.scenarios.limits import Limit
from pipelines.scenarios.shocks import DriverName

# What a request and a token are like is taken from the last four weeks.
RECENT_DAYS = 28
USAGE = """
select usage_date, team_id, provider_name, model_name, request_count, input_tokens, output_tokens,
    input_cost_usd, output_cost_usd, effective_cost_usd
from fct_token_costs_daily
order by all
"""
GPU_HOURS = """
select model_name, host_name, gpu_model, sum(gpu_hours)::double as gpu_hours
from fct_gpu_allocations_hourly
left join dim_gpus using (gpu_uuid, host_name)
where allocation_status = 'allocated' and workload = 'inference' and usage_date > $1 - 28
group by all
order by all
"""
WEEKS = """
select
    date_trunc('week', usage_date)::date as week,
    sum(request_count)::double as requests,
    nullif(sum(input_tokens)::double, 0) / nullif(sum(request_count), 0)::double as input_tokens,
    nullif(sum(output_tokens)::double, 0) / nullif(sum(request_count), 0)::double as output_tokens,
    nullif(sum(effective_cost_usd) filter (not is_self_hosted)::double, 0)
    / nullif(sum(total_tokens - unpriced_tokens) filter (not is_self_hosted), 0)::double as price
from fct_token_costs_daily
group by week
having count(distinct usage_date) = 7 and sum(request_count) > 0
qualify row_number() over (order by week desc) <= 26
order by week
"""
FEWEST_WEEKS = 8
RANGED: tuple[DriverName, ...] = ("requests", "input_tokens", "output_tokens", "price")


def company_drivers(connection: duckdb.DuckDBPyConnection, *, horizon_days: int) -> Drivers:
    """Futures of requests as they are forecast, times what a request was like lately.

    Args:
        connection: Open on a snapshot.
        horizon_days: Days of the futures, at least 1.
    """
    usage = connection.sql(USAGE).pl()
    panel = build_panel(usage.select("usage_date", *_KEY, "request_count"), "request_count")
    forecast = forecast_panel(panel, horizon_days=horizon_days, seed=SEED)
    recent = _recent(usage)
    # Idle GPUs, overhead and training have a cost and no requests.
    idle = [key for key in sorted(recent.keys() - set(panel.keys)) if _is_own_cost(key, recent)]
    keys = [*panel.keys, *idle]
    hours = _gpu_hours_by_model(connection, usage)
    columns = [_series(key, recent.get(key, {}), hours) for key in keys]
    arrays: dict[str, Any] = {
        name: np.repeat(np.array([[column[name]] for column in columns]), horizon_days, axis=1)
        for name in columns[0]
    }
    asked = [forecast.paths.of(row) for row in range(len(panel.keys))]
    requests = np.stack([*asked, *(np.zeros_like(asked[0]) for _ in idle)])
    return Drivers(keys=keys, origin=panel.origin, requests=requests, **arrays)


def company_limits(connection: duckdb.DuckDBPyConnection) -> list[Limit]:
    """The stock quotas whose period holds the last day with data."""
    (data_through,) = connection.execute("select data_through from meterhouse_snapshot").fetchall()[
        0
    ]
    pools = _pool_shares(connection, data_through)
    quotas = read_quotas(read(connection, "quotas"))
    return [
        Limit(quota=quota, pool_share=pools.get(quota.names["scope_id"], {}))
        for quota in quotas
        if not quota.is_rate and limited_periods(quota, data_through + timedelta(days=1), 1)
    ]


_KEY = ("team_id", "provider_name", "model_name")


def _recent(usage: pl.DataFrame) -> dict[Key, dict[str, Any]]:
    """Sums of the last four weeks of each series."""
    last = usage.get_column("usage_date").max()
    recent = usage.filter(pl.col("usage_date") > pl.lit(last) - pl.duration(days=RECENT_DAYS))
    sums = recent.group_by(_KEY).agg(pl.exclude("usage_date").sum())
    return {
        (row["team_id"], row["provider_name"], row["model_name"]): row for row in sums.to_dicts()
    }


def _is_own_cost(key: Key, recent: Mapping[Key, Mapping[str, Any]]) -> bool:
    return key[1] == SELF_HOSTED and bool(recent[key]["effective_cost_usd"])


def _series(key: Key, sums: Mapping[str, Any], hours: Mapping[str, float]) -> dict[str, float]:
    requests = float(sums.get("request_count") or 0)
    tokens = {side: float(sums.get(f"{side}_tokens") or 0) for side in ("input", "output")}
    is_own = key[1] == SELF_HOSTED
    prices = {
        side: 0.0 if is_own else _ratio(sums.get(f"{side}_cost_usd"), tokens[side])
        for side in tokens
    }
    return {
        "input_tokens": tokens["input"] / requests if requests else 0.0,
        "output_tokens": tokens["output"] / requests if requests else 0.0,
        "input_price_usd": prices["input"],
        "output_price_usd": prices["output"],
        "gpu_hours": hours.get(key[2], 0.0) if is_own else 0.0,
        "fixed_cost_usd": float(sums.get("effective_cost_usd") or 0) / RECENT_DAYS if is_own else 0,
    }


def _ratio(cost: Any, tokens: float) -> float:
    if not tokens:
        return 0.0
    return float("nan") if cost is None else float(cost) / tokens


def _gpu_hours_by_model(
    connection: duckdb.DuckDBPyConnection, usage: pl.DataFrame
) -> dict[str, float]:
    """GPU hours of a token of each own model."""
    last = usage.get_column("usage_date").max()
    hours = connection.sql(GPU_HOURS, params=[last]).pl()
    recent = usage.filter(
        pl.col("provider_name") == SELF_HOSTED,
        pl.col("usage_date") > pl.lit(last) - pl.duration(days=RECENT_DAYS),
    )
    tokens = recent.group_by("model_name").agg(
        (pl.col("input_tokens").sum() + pl.col("output_tokens").sum()).alias("tokens")
    )
    joined = hours.group_by("model_name").agg(pl.col("gpu_hours").sum()).join(tokens, "model_name")
    return {
        row["model_name"]: row["gpu_hours"] / row["tokens"]
        for row in joined.to_dicts()
        if row["tokens"]
    }


def _pool_shares(
    connection: duckdb.DuckDBPyConnection, data_through: date
) -> dict[str, dict[str, float]]:
    """Host or GPU model -> model -> part of the model's GPU hours that ran there."""
    hours = connection.sql(GPU_HOURS, params=[data_through]).pl()
    totals = dict(hours.group_by("model_name").agg(pl.col("gpu_hours").sum()).iter_rows())
    shares: dict[str, dict[str, float]] = {}
    for row in hours.to_dicts():
        for pool in (row["host_name"], row["gpu_model"]):
            of_pool = shares.setdefault(pool, {})
            part = row["gpu_hours"] / totals[row["model_name"]]
            of_pool[row["model_name"]] = of_pool.get(row["model_name"], 0.0) + part
    return shares


def usual_ranges(connection: duckdb.DuckDBPyConnection) -> dict[DriverName, tuple[float, float]]:
    """Driver of a Change -> how far below and above its trend one week in ten was, as multipliers.

    Args:
        connection: Open on a snapshot; the last 26 whole weeks count.

    Returns:
        Nothing where fewer than eight weeks are known.
    """
    rows = connection.sql(WEEKS).pl()
    if rows.height < FEWEST_WEEKS:
        return {}
    return {name: _range(rows.get_column(name)) for name in RANGED}


def _range(weeks: pl.Series) -> tuple[float, float]:
    """Quantiles of the ratio to a straight line of the logs: growth is no surprise."""
    values = np.log(weeks.drop_nulls().to_numpy().astype(np.float64))
    places = np.arange(values.size)
    rest = values - np.polyval(np.polyfit(places, values, 1), places)
    low, high = np.exp(np.quantile(rest, (0.1, 0.9)))
    return float(low), float(high)
