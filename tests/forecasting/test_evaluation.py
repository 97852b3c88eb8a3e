"""Whether the forecasts and their bands would have held."""

import numpy as np
import polars as pl
import pytest
from demand_cases import company, usage, weekly

from pipelines.forecasting import backtest
from pipelines.forecasting.errors import Backtest, run_backtest
from pipelines.forecasting.members import log_drift, theta, window_average
from pipelines.forecasting.paths import draw_paths


@pytest.fixture(scope="module")
def scores() -> pl.DataFrame:
    return pl.concat([backtest(company(176, seed=seed), origins=2) for seed in (11, 12, 13)])


def mean_of(scores: pl.DataFrame, kind: str, method: str, column: str) -> float:
    chosen = (pl.col("series_kind") == kind) & (pl.col("method_name") == method)
    return float(scores.filter(chosen)[column].mean())  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["team_model", "team", "model"])
def test_the_forecast_beats_the_seasonal_naive(scores: pl.DataFrame, kind: str) -> None:
    forecast = mean_of(scores, kind, "forecast", "mase")
    assert forecast < 0.95 * mean_of(scores, kind, "seasonal_naive", "mase")


@pytest.mark.parametrize("kind", ["team_model", "team", "model", "organization"])
def test_the_80_percent_band_holds_about_as_often_as_it_says(
    scores: pl.DataFrame, kind: str
) -> None:
    assert 0.6 <= mean_of(scores, kind, "forecast", "coverage_80_ratio") <= 0.95


def test_the_naive_error_is_scaled_to_what_it_was_in_the_history() -> None:
    noise = np.random.default_rng(3).normal(0, 1e4, 84)
    table = backtest(usage(1e6 + noise), origins=1)
    naive = table.filter(pl.col("method_name") == "seasonal_naive")
    # The naive repeats one week four times: its error is that of two independent days.
    assert naive["mase"].to_list() == pytest.approx([1.0] * 4, abs=0.35)
    assert naive["point_count"].to_list() == [28] * 4


def test_a_past_forecast_never_sees_the_days_it_is_scored_on() -> None:
    values = np.stack([weekly(70), weekly(70, level=3e5)])
    values *= np.random.default_rng(4).lognormal(0, 0.1, values.shape)
    changed = values.copy()
    changed[:, 63:] *= 5
    before, after = run_backtest(values, 7), run_backtest(changed, 7)
    # Origins at 28, 35, 42, 49, 56: none but those after day 63 may notice.
    assert before.errors.shape[0] == 5
    np.testing.assert_array_equal(before.errors, after.errors)


def test_series_of_one_path_share_their_origin() -> None:
    # Three origins at which everybody was surprised upward, three calm ones, three downward.
    surprise = np.repeat([1.0, 0.0, -1.0], 3)[:, None, None]
    tested = Backtest(weights={}, errors=np.broadcast_to(surprise, (9, 2, 10)).copy())
    point, scale = np.full((2, 10), 100.0), np.full(2, 10.0)
    draws = draw_paths([("a", "m"), ("b", "m")], point, scale, tested, seed=1).draws
    np.testing.assert_array_equal(np.sign(draws[0] - 100), np.sign(draws[1] - 100))
    assert (draws[0] > 100).any()
    assert (draws[0] < 100).any()


def test_a_steady_drift_is_carried_on_and_noise_is_not() -> None:
    growing = weekly(182, growth=0.005)
    np.testing.assert_allclose(log_drift(growing[:154], 28), growing[154:], rtol=0.05)
    noise = np.random.default_rng(6).lognormal(0, 0.3, 154) * 1e6
    ahead = log_drift(noise, 91)
    assert ahead[-7:].sum() == pytest.approx(window_average(noise, 7).sum(), rel=0.15)


def test_a_failed_fit_is_left_out_and_told(caplog: pytest.LogCaptureFixture) -> None:
    assert np.isnan(theta(np.array([1.0, np.nan]), 7)).all()
    assert "gave no forecast" in caplog.text
