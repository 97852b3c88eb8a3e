"""What was foretold is kept, bounded, and stands beside what came."""

from datetime import date, timedelta

import polars as pl
import pytest
from demand_cases import FIRST_DAY, company

from pipelines.forecasting import empty_table, forecast_demand
from pipelines.forecasting.demand import SEED, forecast_panel
from pipelines.forecasting.panel import build_panel
from pipelines.forecasting.vintages import (
    DAILY_KEPT_DAYS,
    KEPT_HORIZONS,
    actual_days,
    add_vintage,
    with_actuals,
)

ORIGIN = FIRST_DAY + timedelta(days=56)


@pytest.fixture(scope="module")
def history() -> pl.DataFrame:
    return company(70, seed=4, size=2)


@pytest.fixture(scope="module")
def foretold(history: pl.DataFrame) -> pl.DataFrame:
    return forecast_demand(history.filter(pl.col("usage_date") < ORIGIN), horizon_days=28)


def made_on(foretold: pl.DataFrame, origin: date) -> pl.DataFrame:
    return foretold.with_columns(pl.lit(origin).alias("forecast_origin_date"))


def test_a_forecast_made_again_takes_the_place_of_the_first(foretold: pl.DataFrame) -> None:
    once = add_vintage(empty_table("vintages"), foretold)
    assert add_vintage(once, foretold).equals(once)
    assert set(once["horizon_days"]) == {day for day in KEPT_HORIZONS if day <= 28}
    assert "team_model" not in set(once["series_kind"])


def test_days_are_kept_for_five_weeks_and_mondays_forever(foretold: pl.DataFrame) -> None:
    kept = empty_table("vintages")
    days = [date(2026, 3, 2) + timedelta(days=day) for day in range(90)]
    for day in days:
        kept = add_vintage(kept, made_on(foretold, day))
    mondays = {day for day in days if day.weekday() == 0}
    recent = {day for day in days if day >= days[-1] - timedelta(days=DAILY_KEPT_DAYS)}
    assert set(kept["forecast_origin_date"]) == mondays | recent


def test_a_forecast_of_no_number_is_not_kept(foretold: pl.DataFrame) -> None:
    broken = made_on(foretold, ORIGIN - timedelta(days=1)).with_columns(forecast_value=float("nan"))
    kept = add_vintage(add_vintage(empty_table("vintages"), broken), foretold)
    assert kept.equals(add_vintage(empty_table("vintages"), foretold))


def test_what_came_stands_beside_it_and_stays_when_its_history_is_gone(
    history: pl.DataFrame, foretold: pl.DataFrame
) -> None:
    kept = add_vintage(empty_table("vintages"), foretold)
    panel = build_panel(history, "total_tokens")
    came = actual_days(forecast_panel(panel, horizon_days=7, seed=SEED))
    beside = with_actuals(kept, came)
    week = (
        (pl.col("series_kind") == "organization")
        & (pl.col("measure") == "total_tokens")
        & (pl.col("horizon_days") == 7)
    )
    row = beside.filter(week).row(0, named=True)
    used = history.group_by("usage_date").agg(pl.col("total_tokens").sum()).sort("usage_date")
    days = used["total_tokens"].to_list()
    assert row["actual_value"] == days[62]
    assert row["cumulative_actual_value"] == pytest.approx(sum(days[56:63]))
    future = beside.filter(pl.col("horizon_days") > 14)
    assert future["actual_value"].null_count() == future.height
    # a year later that history is not read any more
    later = with_actuals(beside, came.filter(pl.col("usage_date") > date(2027, 1, 1)))
    assert later.sort(later.columns).equals(beside.sort(beside.columns))


def test_a_day_left_out_has_no_actual(history: pl.DataFrame, foretold: pl.DataFrame) -> None:
    panel = build_panel(history, "total_tokens", excluded=[ORIGIN + timedelta(days=2)])
    came = actual_days(forecast_panel(panel, horizon_days=7, seed=SEED))
    beside = with_actuals(add_vintage(empty_table("vintages"), foretold), came)
    days = beside.filter(
        pl.col("series_kind") == "organization", pl.col("measure") == "total_tokens"
    ).sort("horizon_days")
    assert days["actual_value"].is_null().to_list()[:5] == [False, False, True, False, False]
    assert days["cumulative_actual_value"].is_null().to_list()[:4] == [False, False, True, True]
