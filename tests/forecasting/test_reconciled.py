"""Parts sum to their whole on every path: classes to tokens, teams to what their GPUs cost."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from demand_cases import FIRST_DAY, company, pick, usage, weekly

from pipelines.forecasting import backtest, forecast_demand, tabulate
from pipelines.forecasting.demand import forecast_measures
from pipelines.forecasting.demand_forecast import DemandForecast
from pipelines.forecasting.panel import Measure

DAYS = 120


@pytest.fixture(scope="module")
def classed() -> dict[Measure, DemandForecast]:
    """A company whose tokens are parted differently each day; one model reports no cache."""
    generator = np.random.default_rng(4)
    share = generator.beta(20, 10, (4, 9 * DAYS))
    tokens = company(DAYS, seed=2)
    total = tokens["total_tokens"].to_numpy().astype(float)
    given = total * share[0]
    output = total - given
    is_plain = (tokens["model_name"] == "model-0").to_numpy()
    cached = np.where(is_plain, np.nan, given * share[1])
    facts = tokens.with_columns(
        input_tokens=given,
        output_tokens=output,
        cache_read_input_tokens=cached,
        uncached_input_tokens=given - np.nan_to_num(cached),
        reasoning_output_tokens=output * share[2],
        other_output_tokens=output * (1 - share[2]),
    )
    return dict(forecast_measures(facts))


@pytest.mark.parametrize(
    ("whole", "parts"),
    [
        ("total_tokens", ("input_tokens", "output_tokens")),
        ("input_tokens", ("uncached_input_tokens", "cache_read_input_tokens")),
        ("output_tokens", ("other_output_tokens", "reasoning_output_tokens")),
    ],
)
def test_classes_sum_to_what_they_part_on_every_path_and_day(
    classed: dict[Measure, DemandForecast], whole: Measure, parts: tuple[Measure, ...]
) -> None:
    def everything(measure: Measure) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        one = classed[measure]
        return one.paths.total(range(len(one.panel.keys)))

    assert np.allclose(sum(everything(part) for part in parts), everything(whole), rtol=1e-9)
    points = [classed[part].paths.point.sum(axis=0) for part in parts]
    assert np.allclose(sum(points), classed[whole].paths.point.sum(axis=0), rtol=1e-9)
    # of each past origin as well
    past = [classed[part].paths_at(3, 28).point for part in parts]
    assert np.allclose(
        sum(np.nansum(point, axis=0) for point in past),
        np.nansum(classed[whole].paths_at(3, 28).point, axis=0),
    )


def test_a_class_without_use_leaves_everything_to_the_others() -> None:
    facts = usage(weekly(90)).with_columns(
        input_tokens=pl.col("total_tokens"), output_tokens=pl.lit(0.0)
    )
    forecasts = forecast_demand(facts)
    assert pick(forecasts, "organization", "output_tokens").is_empty()
    assert pick(forecasts, "organization", "input_tokens")["forecast_value"].to_list() == (
        pytest.approx(pick(forecasts, "organization")["forecast_value"].to_list())
    )


def own_gpus() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Two teams share GPUs that cost $100 a day, $150 from day 90 on, and energy of $10."""
    generator = np.random.default_rng(5)
    part = generator.beta(30, 20, DAYS)
    cost = np.where(np.arange(DAYS) >= 90, 160.0, 110.0)
    facts = pl.concat(
        [
            usage(weekly(DAYS), team=team).with_columns(effective_cost_usd=pl.Series(cost * shares))
            for team, shares in (("blue", part), ("red", 1 - part))
        ]
    )
    days = [FIRST_DAY + timedelta(days=day) for day in range(DAYS + 90)]
    first = pl.DataFrame(
        {"usage_date": days, "known_date": [FIRST_DAY] * len(days), "known_cost_usd": 100.0}
    )
    # the second host was ordered on day 60, served from day 90 and is given back on day 150
    second = first[90:150].with_columns(
        known_date=pl.lit(FIRST_DAY + timedelta(days=60)), known_cost_usd=pl.lit(50.0)
    )
    return facts, pl.concat([first, second])


def test_what_own_gpus_cost_is_looked_up_and_only_the_rest_is_guessed() -> None:
    facts, known = own_gpus()
    (_, forecast) = dict(forecast_measures(facts, known_costs=known)).popitem()
    days = pick(tabulate(forecast), "organization", "effective_cost_usd")
    assert days["forecast_value"].to_list() == pytest.approx([160.0] * 30 + [110.0] * 60, abs=0.5)
    teams = pick(tabulate(forecast), "team", "effective_cost_usd")
    summed = teams.group_by("forecast_date", maintain_order=True).agg(
        pl.col("forecast_value").sum()
    )
    assert summed.sort("forecast_date")["forecast_value"].to_list() == pytest.approx(
        days["forecast_value"].to_list()
    )


def test_a_past_forecast_knows_what_had_been_ordered_and_nothing_later() -> None:
    facts, known = own_gpus()
    (_, forecast) = dict(forecast_measures(facts, known_costs=known)).popitem()
    at = {origin: index for index, origin in enumerate(forecast.tested.origins)}
    ahead = {day: forecast.paths_at(at[day], 28).point.sum(axis=0)[-1] for day in (57, 64)}
    assert ahead[57] == pytest.approx(110, abs=0.5)  # until day 84, before the second host
    assert forecast.paths_at(at[64], 28).point.sum(axis=0)[25:].tolist() == pytest.approx(
        [110.0, 160.0, 160.0], abs=0.5
    )
    scores = backtest(forecast).filter(
        pl.col("series_kind") == "organization", pl.col("method_name") == "forecast"
    )
    assert scores["skill_ratio"].item() > 0.9
