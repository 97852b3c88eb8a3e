"""Whether the forecasts and their bands would have held."""

import numpy as np
import polars as pl
import pytest
from demand_cases import company, usage, weekly

from pipelines.forecasting import backtest
from pipelines.forecasting.demand import SEED, forecast_panel
from pipelines.forecasting.errors import run_backtest
from pipelines.forecasting.gaps import fill_gaps
from pipelines.forecasting.members import log_drift, window_average
from pipelines.forecasting.panel import build_panel


def scored(history: pl.DataFrame) -> pl.DataFrame:
    panel = build_panel(history, "total_tokens")
    return backtest(forecast_panel(panel, horizon_days=28, seed=SEED))


@pytest.fixture(scope="module")
def scores() -> pl.DataFrame:
    return pl.concat([scored(company(176, seed=seed)) for seed in (11, 12, 13)])


def mean_of(scores: pl.DataFrame, kind: str, method: str, column: str) -> float:
    chosen = (pl.col("series_kind") == kind) & (pl.col("method_name") == method)
    return float(scores.filter(chosen)[column].mean())  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["team_model", "team", "model", "organization"])
def test_the_forecast_beats_the_seasonal_naive(scores: pl.DataFrame, kind: str) -> None:
    forecast = mean_of(scores, kind, "forecast", "mase")
    assert forecast < 0.95 * mean_of(scores, kind, "seasonal_naive", "mase")
    assert mean_of(scores, kind, "forecast", "skill_ratio") > 0


@pytest.mark.parametrize("kind", ["team_model", "team", "model", "organization"])
@pytest.mark.parametrize("column", ["coverage_80_ratio", "cumulative_coverage_80_ratio"])
def test_the_80_percent_band_holds_about_as_often_as_it_says(
    scores: pl.DataFrame, kind: str, column: str
) -> None:
    assert 0.6 <= mean_of(scores, kind, "forecast", column) <= 0.97


def test_probabilities_of_exhaustion_are_better_than_a_straight_line(scores: pl.DataFrame) -> None:
    ours = mean_of(scores, "all", "forecast", "exhaustion_brier_score")
    assert ours < mean_of(scores, "all", "predict_linear", "exhaustion_brier_score")
    assert mean_of(scores, "all", "forecast", "exhaustion_brier_skill_ratio") > 0.2


def test_every_series_says_how_it_is_forecast_and_why(scores: pl.DataFrame) -> None:
    rows = scores.filter(pl.col("series_kind") == "team_model")
    assert rows["chosen_reason"].null_count() == 0
    assert (rows["history_day_count"] == 176).all()
    assert set(rows["method_name"]) >= {"forecast", "seasonal_naive", "predict_linear"}


def test_a_past_forecast_never_sees_the_days_it_is_scored_on() -> None:
    values = np.stack([weekly(70), weekly(70, level=3e5)])
    values *= np.random.default_rng(4).lognormal(0, 0.1, values.shape)
    changed = values.copy()
    changed[:, 63:] *= 5
    before, after = run_backtest(values, 7), run_backtest(changed, 7)
    assert before.origins == after.origins
    early = [place for place, origin in enumerate(before.origins) if origin <= 63]
    assert len(early) >= 5
    np.testing.assert_array_equal(before.point[early], after.point[early])


def test_a_steady_drift_is_carried_on_and_noise_is_not() -> None:
    growing = weekly(182, growth=0.005)[None]
    np.testing.assert_allclose(log_drift(growing[:, :154], 28), growing[:, 154:], rtol=0.05)
    noise = np.random.default_rng(6).lognormal(0, 0.3, (1, 154)) * 1e6
    ahead = log_drift(noise, 91)
    assert ahead[0, -7:].sum() == pytest.approx(window_average(noise, 7).sum(), rel=0.15)


def test_a_gap_is_filled_by_the_weekday_before_it() -> None:
    values = weekly(28)[None].copy()
    values[0, 15] = np.nan
    assert fill_gaps(values)[0, 15] == values[0, 8]


def test_short_histories_are_told_and_not_scored() -> None:
    table = scored(usage(weekly(20)))
    assert table["mase"].null_count() == table.height
    assert (table["scored_origin_count"].fill_null(0) == 0).all()
