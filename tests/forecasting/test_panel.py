"""What counts as zero, what as missing, and what one odd series may not do to the others."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from demand_cases import FIRST_DAY, pick, usage, weekly

from pipelines.forecasting import forecast_demand
from pipelines.forecasting.frame import VALUE_COLUMNS
from pipelines.forecasting.gaps import fill_gaps
from pipelines.forecasting.panel import build_panel


def without_days(history: pl.DataFrame, *days: int) -> pl.DataFrame:
    return history.filter(~pl.col("usage_date").is_in([FIRST_DAY + timedelta(d) for d in days]))


def test_a_day_nobody_reported_is_missing_and_a_day_one_series_is_absent_is_zero() -> None:
    steady = without_days(usage([10.0] * 6, team="a"), 2)
    gappy = without_days(usage([5.0] * 6, team="b"), 2, 4)
    panel = build_panel(pl.concat([gappy, steady]), "total_tokens")
    assert list(panel.keys) == [
        ("a", "self_hosted", "qwen3-32b"),
        ("b", "self_hosted", "qwen3-32b"),
    ]
    np.testing.assert_array_equal(panel.values[0], [10, 10, np.nan, 10, 10, 10])
    np.testing.assert_array_equal(panel.values[1], [5, 5, np.nan, 5, 0, 5])


def test_the_time_before_the_first_use_is_no_history() -> None:
    late = usage([7.0, 7.0], team="b", start=4)
    panel = build_panel(pl.concat([usage([1.0] * 6, team="a"), late]), "total_tokens")
    np.testing.assert_array_equal(panel.values[1], [np.nan] * 4 + [7, 7])


def test_a_day_with_a_partly_unknown_cost_is_missing_and_not_cheap() -> None:
    unknown = usage([3e6] * 2).with_columns(effective_cost_usd=pl.lit(None, pl.Decimal(38, 12)))
    panel = build_panel(pl.concat([usage([1e6] * 4), unknown]), "effective_cost_usd")
    np.testing.assert_array_equal(panel.values[0], [np.nan, np.nan, 1, 1])
    tokens = build_panel(pl.concat([usage([1e6] * 4), unknown]), "total_tokens")
    np.testing.assert_array_equal(tokens.values[0], [4e6, 4e6, 1e6, 1e6])


def test_a_series_without_a_known_price_is_forecast_in_tokens_and_never_at_zero_cost() -> None:
    unpriced = usage(weekly(40), team="b").with_columns(
        effective_cost_usd=pl.lit(None, pl.Decimal(38, 12))
    )
    forecasts = forecast_demand(pl.concat([usage(weekly(40), team="a"), unpriced]), horizon_days=7)
    assert set(pick(forecasts, "team", "total_tokens")["team_id"]) == {"a", "b"}
    assert set(pick(forecasts, "team", "effective_cost_usd")["team_id"]) == {"a"}


def test_a_series_unused_for_four_weeks_is_retired() -> None:
    active = usage(weekly(60), team="a")
    retired, resting = usage(weekly(32), team="b"), usage(weekly(33), team="c")
    forecasts = forecast_demand(pl.concat([active, retired, resting]), horizon_days=7)
    assert set(pick(forecasts, "team")["team_id"]) == {"a", "c"}


def test_a_series_seen_on_excluded_days_alone_has_no_forecast_yet() -> None:
    new = usage([5.0] * 2, team="new", start=38)
    history = pl.concat([usage(weekly(40), team="old"), new])
    days = [FIRST_DAY + timedelta(days=day) for day in (38, 39)]
    excluded = pl.DataFrame({"measure": ["total_tokens"] * 2, "usage_date": days})
    forecasts = forecast_demand(history, horizon_days=7, excluded=excluded)
    assert set(pick(forecasts, "team", "total_tokens")["team_id"]) == {"old"}
    assert forecasts.select(pl.col(VALUE_COLUMNS).is_finite().all()).row(0) == (True,) * len(
        VALUE_COLUMNS
    )
    first = usage([5.0])
    excluded = pl.DataFrame({"measure": ["total_tokens"], "usage_date": [FIRST_DAY]})
    assert pick(forecast_demand(first, excluded=excluded), "team", "total_tokens").is_empty()


def test_gaps_are_filled_from_the_same_weekday() -> None:
    values = weekly(35)
    holed = values.copy()
    holed[[9, 16, 34]] = np.nan
    np.testing.assert_allclose(fill_gaps(holed[None])[0], values)


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param([0.0] * 60, id="all zero"),
        pytest.param([5e5] * 60, id="constant"),
        pytest.param([1e6] * 50 + [1e12] + [1e6] * 9, id="spike"),
        pytest.param([0.0] * 59 + [1e6], id="one day"),
        pytest.param([1.0, 0.0, 0.0, 0.0, 0.0] * 12, id="sparse"),
    ],
)
def test_one_odd_series_leaves_the_others_their_forecast(odd: list[float]) -> None:
    history = pl.concat([usage(weekly(60), team="good"), usage(odd, team="odd")])
    forecasts = forecast_demand(history, horizon_days=14)
    assert all(forecasts[column].is_finite().all() for column in VALUE_COLUMNS)
    good = pick(forecasts, "team").filter(pl.col("team_id") == "good")
    expected = weekly(74)[60:].astype(np.int64)
    np.testing.assert_allclose(good["forecast_value"], expected, rtol=0.1)


def test_nan_and_null_days_are_bridged_and_not_counted_as_zero() -> None:
    history = usage(weekly(60)).with_columns(pl.col("effective_cost_usd").cast(pl.Float64))
    odd = pl.when(pl.col("usage_date") == FIRST_DAY + timedelta(days=45))
    broken = history.with_columns(
        total_tokens=odd.then(None).otherwise("total_tokens"),
        effective_cost_usd=odd.then(float("nan")).otherwise("effective_cost_usd"),
    )
    whole, bridged = (forecast_demand(frame, horizon_days=14) for frame in (history, broken))
    np.testing.assert_allclose(bridged["forecast_value"], whole["forecast_value"], rtol=0.01)


def test_many_rows_of_a_day_sum_to_the_same_last_digit_every_time() -> None:
    costs = np.random.default_rng(1).lognormal(3, 2, size=(10, 20)).round(12)
    days = [FIRST_DAY + timedelta(days=day) for day in range(10) for _ in range(20)]
    found = set()
    for _ in range(50):
        history = pl.DataFrame(
            {"usage_date": days, "effective_cost_usd": costs.ravel().copy()}
        ).with_columns(
            team_id=pl.lit(""), provider_name=pl.lit("self_hosted"), model_name=pl.lit("")
        )
        found.add(build_panel(history, "effective_cost_usd").values.tobytes())
    assert len(found) == 1
