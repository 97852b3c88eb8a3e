"""Pools of GPUs that change in steps, and few errors: what averages and own errors get wrong."""

import numpy as np
import polars as pl
from demand_cases import company, usage, weekly

from pipelines.forecasting import backtest
from pipelines.forecasting.demand import SEED, forecast_measures, forecast_panel
from pipelines.forecasting.known_costs import KnownCosts
from pipelines.forecasting.panel import Floats, build_panel
from pipelines.forecasting.steps import days_since_step

DAYS = 180


def held(*steps: tuple[int, float], seed: int = 3) -> Floats:
    """GPU hours: 96 a day, from each day on so many, and now and then an hour less or more."""
    hours = np.full(DAYS, 96.0)
    for day, value in steps:
        hours[day:] = value
    return hours + np.random.default_rng(seed).choice([-1, 0, 0, 1], DAYS)


def pool() -> pl.DataFrame:
    """Two models whose deployments come and go, one that stays."""
    hours = {
        "a": held((124, 192.0)),
        "b": held((60, 48.0), (138, 144.0), seed=4),
        "c": held(seed=5),
    }
    return pl.concat([usage(values, model=model) for model, values in hours.items()])


def test_a_step_of_a_steady_series_is_seen_after_a_week_and_noise_is_none() -> None:
    series = np.stack([held((124, 192.0)), held(), weekly(DAYS, level=100)])
    series[2] *= np.random.default_rng(1).lognormal(0, 0.3, DAYS)
    assert days_since_step(series[:, :131]).tolist() == [7, np.inf, np.inf]
    assert days_since_step(series).tolist() == [DAYS - 124, np.inf, np.inf]
    assert days_since_step(series[:, :120]).tolist() == [np.inf] * 3


def test_the_sum_of_pools_that_step_is_no_worse_than_last_week() -> None:
    forecast = forecast_panel(build_panel(pool(), "total_tokens"), horizon_days=28, seed=SEED)
    scores = backtest(forecast)
    whole = scores.filter(
        pl.col("series_kind") == "organization", pl.col("method_name") == "forecast"
    )
    assert whole["skill_ratio"].item() >= 0
    methods = {row["model_name"]: row["chosen_method_name"] for row in scores.iter_rows(named=True)}
    assert methods["b"] == "average_since_step"
    assert methods["c"] != "average_since_step"


def test_a_step_is_not_laid_on_series_that_move() -> None:
    """In its own movement it is thousands: a noisy neighbor's intervals would be absurd."""
    quiet = np.full(DAYS, 1e9) + np.arange(DAYS) % 2
    quiet[150:] = 2e9
    noisy = weekly(DAYS) * np.random.default_rng(2).lognormal(0, 0.1, DAYS)
    facts = pl.concat([usage(quiet, model="quiet"), usage(noisy, model="noisy")])
    panel = build_panel(facts, "total_tokens")
    paths = forecast_panel(panel, horizon_days=28, seed=SEED).paths
    row = [key[2] for key in panel.keys].index("noisy")
    assert paths.of(row).max() < 3 * noisy.max()


def test_the_rest_of_own_costs_borrows_the_errors_of_all_costs() -> None:
    facts = company(DAYS, seed=5)
    known = pl.DataFrame(
        {"usage_date": facts["usage_date"].unique(), "known_date": facts["usage_date"].min()}
    ).with_columns(known_cost_usd=pl.lit(0.1))
    forecast = dict(forecast_measures(facts, known_costs=known))["effective_cost_usd"]
    assert isinstance(forecast.fit, KnownCosts)
    rest = forecast.fit.rest
    futures = np.unique(rest.paths.of(0).round(9), axis=0)
    # alone it has seen fewer futures than it has origins
    assert len(futures) > 2 * len(rest.tested.origins)
