"""First passage: exact where use is constant, known in law where it is a random walk."""

import math
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from demand_cases import FIRST_DAY, company, usage

from pipelines.forecasting.demand import SEED, forecast_panel
from pipelines.forecasting.everything import forecast_all
from pipelines.forecasting.frame import empty_table
from pipelines.forecasting.panel import build_panel
from pipelines.forecasting.passage import (
    first_passage,
    first_peak,
    linear_counter,
    probability_by_day,
    quantile_day,
)


def test_constant_use_reaches_the_limit_on_the_very_day() -> None:
    draws = np.full((3, 10), 10.0)
    assert first_passage(5, 45, draws).tolist() == [4, 4, 4]
    assert first_passage(45, 45, draws).tolist() == [0, 0, 0]
    assert first_passage(0, 101, draws).tolist() == [11, 11, 11]
    by_day = probability_by_day(first_passage(5, 45, draws), 10)
    assert (by_day[:4].tolist(), quantile_day(by_day, 0.5)) == ([0, 0, 0, 1], 4)


def test_a_rate_is_reached_by_one_day_and_not_by_a_sum() -> None:
    draws = np.array([[1.0, 2.0, 9.0, 3.0], [1.0, 1.0, 1.0, 1.0]])
    assert first_peak(9, draws).tolist() == [3, 5]


def test_a_random_walk_with_drift_passes_as_the_inverse_gaussian_law_says() -> None:
    # Of a Brownian motion with drift m and deviation s per day, P(T <= t) through level a is
    # N((m t - a) / (s sqrt t)) + exp(2 m a / s^2) N((-m t - a) / (s sqrt t)).
    drift, deviation, level, steps = 1.0, 1.0, 20.0, 100
    generator = np.random.default_rng(5)
    fine = generator.normal(drift / steps, deviation / math.sqrt(steps), (4000, 40 * steps))
    passage = first_passage(0, level, fine)

    def normal(x: float) -> float:
        return math.erfc(-x / math.sqrt(2)) / 2

    for day in (15, 20, 25, 30):
        root = deviation * math.sqrt(day)
        known = normal((drift * day - level) / root) + math.exp(
            2 * drift * level / deviation**2
        ) * normal((-drift * day - level) / root)
        assert (passage <= day * steps).mean() == pytest.approx(known, abs=0.03)


def test_predict_linear_carries_the_counter_on() -> None:
    ahead = linear_counter(np.full((1, 40), 7.0), 5)
    assert ahead[0].tolist() == pytest.approx([7.0] * 5)


def test_paths_of_teams_sum_to_those_of_the_organization() -> None:
    panel = build_panel(company(120, seed=2), "total_tokens")
    forecast = forecast_panel(panel, horizon_days=30, seed=SEED)
    (whole,) = [one for one in forecast.series if one.kind == "organization"]
    teams = [one for one in forecast.series if one.kind == "team"]
    summed = sum(forecast.paths.total(one.rows) for one in teams)
    total = forecast.paths.total(whole.rows)
    assert np.abs(summed - total).max() / total.max() < 1e-9


def test_days_drawn_independently_would_promise_too_much() -> None:
    panel = build_panel(company(176, seed=2, size=4), "total_tokens")
    forecast = forecast_panel(panel, horizon_days=56, seed=SEED)
    (whole,) = [one for one in forecast.series if one.kind == "organization"]
    draws = forecast.paths.total(whole.rows)
    shuffled = draws.copy()
    generator = np.random.default_rng(0)
    for day in range(draws.shape[1]):
        generator.shuffle(shuffled[:, day])
    width = [np.ptp(np.quantile(one.sum(axis=1), (0.1, 0.9))) for one in (draws, shuffled)]
    assert width[0] > 1.5 * width[1]


def quota(**changes: Any) -> pl.DataFrame:
    """A quota of 95 tokens a month, 10 used on each day from FIRST_DAY (5 January) on."""
    days = [FIRST_DAY + timedelta(days=day) for day in range(56)]  # to 1 March
    rows = []
    for day in days:
        start = day.replace(day=1)
        since = max(start, FIRST_DAY)
        rows.append(
            {
                "quota_id": "q",
                "scope_kind": "organization",
                "scope_id": "",
                "only_provider_name": None,
                "only_model_name": None,
                "measure": "tokens",
                "period_kind": "month",
                "is_rate": False,
                "period_start_date": start,
                "period_end_date": (start + timedelta(days=32)).replace(day=1),
                "usage_date": day,
                "quota_limit_value": 95.0,
                "boost_value": 0.0,
                "rollover_value": 0.0,
                "quota_used_value": 10.0,
                "quota_used_to_date_value": 10.0 * ((day - since).days + 1),
            }
            | changes
        )
    schema = {"only_provider_name": pl.String, "only_model_name": pl.String}
    return pl.DataFrame(rows, schema_overrides=schema, infer_schema_length=None)


def outlook(consumption: pl.DataFrame) -> pl.DataFrame:
    outcome = forecast_all(
        [usage([10.0] * 56)],
        consumption=consumption,
        spend=pl.DataFrame(
            schema={
                "measure": pl.String,
                "team_id": pl.String,
                "provider_name": pl.String,
                "model_name": pl.String,
                "amount": pl.Float64,
                "usd": pl.Float64,
            }
        ),
        excluded=empty_table("excluded_days"),
        kept=empty_table("vintages"),
    )
    return outcome.quota_exhaustion


def test_a_quota_of_constant_use_has_its_exact_day_in_every_period() -> None:
    # 10 are used on 1 March: 95 are passed on the 10th, in April and May on the 10th as well.
    rows = outlook(quota()).sort("period_start_date")
    assert rows["exhaustion_date_p50"].to_list()[:3] == [
        date(2026, 3, 10),
        date(2026, 4, 10),
        date(2026, 5, 10),
    ]
    running = rows.row(0, named=True)
    assert running["is_running"]
    assert running["exhaustion_probability"] == 1
    # 31 days of March at 10 are 310
    assert running["end_value_p50"] == pytest.approx(310)
    assert running["expected_overrun_value"] == pytest.approx(215)
    assert running["needed_quota_value"] == pytest.approx(310)


def test_a_quota_nothing_foretells_says_so() -> None:
    odd = quota(scope_kind="user", scope_id="ann", quota_used_value=None)
    rows = outlook(odd)
    assert rows["exhaustion_probability"].null_count() == rows.height
    assert rows["reason"].null_count() == 0


def test_a_quota_resets_after_a_period_that_ends_with_the_history() -> None:
    # The history ends on 1 March; a quota of the day begins anew on each of the 90 days after it.
    daily = quota(period_kind="day", quota_used_to_date_value=10.0).with_columns(
        period_start_date="usage_date", period_end_date=pl.col("usage_date") + timedelta(days=1)
    )
    rows = outlook(daily).sort("period_start_date")
    assert (rows.height, rows["is_running"].any()) == (90, False)
    assert rows["quota_used_to_date_value"].to_list() == [0.0] * 90
    assert rows["end_value_p90"].to_list() == pytest.approx([10.0] * 90)


def test_a_quota_that_ends_within_its_period_has_no_later_ones() -> None:
    rows = outlook(quota().with_columns(period_end_date=date(2026, 3, 20)))
    assert rows["period_end_date"].to_list() == [date(2026, 3, 20)]
    assert rows["end_value_p50"].to_list() == pytest.approx([190])


def test_a_rate_has_one_row_and_is_foretold_from_its_own_peaks() -> None:
    rate = quota(period_kind="minute", is_rate=True, quota_used_to_date_value=10.0)
    (row,) = outlook(rate).iter_rows(named=True)
    assert (row["basis_name"], row["exhaustion_probability"]) == ("own_use", 0)
    assert row["needed_quota_value"] == pytest.approx(10)
    assert row["expected_overrun_usd"] is None


def test_a_quota_used_up_already_has_no_date_to_come() -> None:
    row = outlook(quota(quota_limit_value=10.0)).row(0, named=True)
    assert row["is_exhausted"]
    assert (row["exhaustion_probability"], row["exhaustion_date_p50"]) == (1, None)
