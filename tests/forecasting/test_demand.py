"""What the forecast table promises to those who read it."""

import itertools
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from demand_cases import FIRST_DAY, company, pick, usage, weekly
from polars.testing import assert_frame_equal

from pipelines.forecasting import FORECASTS, empty_forecasts, forecast_demand, write_table
from pipelines.forecasting.frame import VALUE_COLUMNS


@pytest.fixture(scope="module")
def history() -> pl.DataFrame:
    young = usage(weekly(20, level=2e5), team="team-0", model="new", start=100)
    return pl.concat([company(120, seed=1), young])


@pytest.fixture(scope="module")
def forecasts(history: pl.DataFrame) -> pl.DataFrame:
    return forecast_demand(history)


def test_every_series_has_every_day_of_the_horizon_and_the_agreed_columns(
    forecasts: pl.DataFrame,
) -> None:
    assert forecasts.schema == FORECASTS
    assert forecasts.null_count().sum_horizontal().item() == 0
    series = forecasts.group_by(
        "series_kind", "team_id", "provider_name", "model_name", "measure"
    ).agg(pl.col("horizon_days").sort())
    assert set(series["horizon_days"].to_list()[0]) == set(range(1, 91))
    assert series["horizon_days"].n_unique() == 1
    kinds = dict(series.group_by("series_kind").len().iter_rows())
    # 9 + the young one, 3 teams, 3 + 1 models, one provider, one whole: each in two measures.
    assert kinds == {"team_model": 20, "team": 6, "model": 8, "provider": 2, "organization": 2}
    assert forecasts["forecast_origin_date"].unique().to_list() == [FIRST_DAY + timedelta(days=120)]


def test_dates_follow_the_history_without_a_hole(forecasts: pl.DataFrame) -> None:
    ahead = pl.col("forecast_date") - pl.col("forecast_origin_date")
    assert forecasts.select((ahead.dt.total_days() + 1 == pl.col("horizon_days")).all()).item()


@pytest.mark.parametrize("kind", ["organization", "team", "model"])
@pytest.mark.parametrize("measure", ["total_tokens", "effective_cost_usd"])
def test_totals_are_the_sums_of_their_parts(
    forecasts: pl.DataFrame, kind: str, measure: str
) -> None:
    keys = {"organization": [], "team": ["team_id"], "model": ["model_name"]}[kind]
    values = ["forecast_value", "naive_value"]
    parts = (
        pick(forecasts, "team_model", measure)
        .group_by(*keys, "forecast_date")
        .agg(pl.col(values).sum())
        .sort(*keys, "forecast_date")
    )
    totals = pick(forecasts, kind, measure)
    for column in values:
        np.testing.assert_allclose(totals[column], parts[column], rtol=1e-9)


def test_intervals_are_nested_around_the_forecast(forecasts: pl.DataFrame) -> None:
    for prefix, middle in (("", "forecast_value"), ("cumulative_", "cumulative_value")):
        lower = [f"{prefix}lower_{level}_value" for level in (95, 80, 50)]
        upper = [f"{prefix}upper_{level}_value" for level in (50, 80, 95)]
        for low, high in itertools.pairwise([*lower, middle, *upper]):
            assert forecasts.select((pl.col(low) <= pl.col(high) + 1e-6).all()).item(), (low, high)
        assert forecasts.select((pl.col(lower[0]) >= 0).all()).item()


def test_running_sums_are_those_of_the_days_and_less_uncertain(forecasts: pl.DataFrame) -> None:
    whole = pick(forecasts, "organization").sort("forecast_date")
    np.testing.assert_allclose(whole["cumulative_value"], whole["forecast_value"].cum_sum())
    summed = (whole["upper_80_value"] - whole["lower_80_value"]).sum()
    last = whole.row(-1, named=True)
    assert last["cumulative_upper_80_value"] - last["cumulative_lower_80_value"] < summed


def test_the_organization_is_less_uncertain_than_its_parts_and_more_than_if_independent(
    forecasts: pl.DataFrame,
) -> None:
    width = pl.col("upper_80_value") - pl.col("lower_80_value")
    parts = (
        pick(forecasts, "team_model")
        .group_by("forecast_date")
        .agg(width.sum().alias("summed"), (width**2).sum().sqrt().alias("independent"))
    )
    whole = pick(forecasts, "organization").select("forecast_date", width.alias("whole"))
    means = whole.join(parts, on="forecast_date").mean()
    assert means["independent"].item() < means["whole"].item() < means["summed"].item()


def test_same_history_and_seed_give_the_same_bytes_in_any_row_order(
    history: pl.DataFrame, forecasts: pl.DataFrame, tmp_path: Path
) -> None:
    again = forecast_demand(history.sample(fraction=1, shuffle=True, seed=3))
    write_table("forecasts", forecasts, tmp_path / "one")
    write_table("forecasts", again.reverse(), tmp_path / "two")
    files = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    assert [path.name for path in files] == ["forecasts.parquet"] * 2, "no temporary file stays"
    assert files[0].read_bytes() == files[1].read_bytes()
    assert_frame_equal(pl.read_parquet(files[0]), forecasts)


def test_another_seed_moves_the_bands_and_not_the_forecast() -> None:
    history = company(60, seed=5, size=2)
    one, other = (forecast_demand(history, horizon_days=7, seed=seed) for seed in (7, 8))
    assert_frame_equal(
        one.select(pl.exclude("^.*(lower|upper)_.*$")),
        other.select(pl.exclude("^.*(lower|upper)_.*$")),
    )
    assert not one["upper_80_value"].equals(other["upper_80_value"])


def test_no_history_gives_a_table_without_rows() -> None:
    assert forecast_demand(usage([])).equals(empty_forecasts())
    assert empty_forecasts().schema == FORECASTS


def test_a_horizon_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        forecast_demand(usage([1.0]), horizon_days=0)


@pytest.mark.parametrize("days", [*range(1, 31), 55, 56, 57])
def test_any_length_of_history_gives_finite_forecasts(days: int) -> None:
    forecasts = forecast_demand(usage(weekly(days)), horizon_days=30)
    assert forecasts.height == 30 * 5 * 2
    assert all(forecasts[column].is_finite().all() for column in VALUE_COLUMNS)


def test_a_repeating_week_is_continued_exactly() -> None:
    forecasts = pick(forecast_demand(usage(weekly(70)), horizon_days=28), "organization")
    expected = weekly(98)[70:].astype(np.int64)
    np.testing.assert_allclose(forecasts["forecast_value"], expected, rtol=0.02)
    np.testing.assert_allclose(forecasts["naive_value"], expected, rtol=1e-9)


def test_growth_is_followed_where_the_naive_falls_behind() -> None:
    generator = np.random.default_rng(2)
    truth = weekly(270, growth=0.006)
    histories = [
        usage((truth * generator.lognormal(-0.02, 0.2, 270))[:180], team=f"team-{team}")
        for team in range(4)
    ]
    forecasts = pick(forecast_demand(pl.concat(histories)), "organization")
    actual = 4 * truth[180:].sum()
    assert abs(forecasts["forecast_value"].sum() / actual - 1) < 0.12
    assert forecasts["naive_value"].sum() / actual - 1 < -0.2


def test_a_day_that_is_kept_back_is_never_seen(history: pl.DataFrame) -> None:
    day = FIRST_DAY + timedelta(days=110)
    is_wrong = pl.col("usage_date") == day
    wrong = history.with_columns(
        pl.when(is_wrong).then(pl.col("total_tokens") * 1000).otherwise("total_tokens")
    )
    excluded = pl.DataFrame({"measure": ["total_tokens"], "usage_date": [day]})
    assert_frame_equal(
        forecast_demand(wrong, excluded=excluded), forecast_demand(history, excluded=excluded)
    )
    assert not forecast_demand(wrong).equals(forecast_demand(history))


@pytest.mark.parametrize(
    "bad",
    [
        [0.0] * 60,
        [float("nan")] * 3 + [5.0] * 57,
        [1e6] * 59 + [1e15],
        [1.0],
    ],
)
def test_one_strange_series_never_stops_the_others(bad: list[float]) -> None:
    sound = usage(weekly(60))
    odd = usage([0.0] * len(bad), team="odd").with_columns(
        pl.Series("total_tokens", bad, dtype=pl.Float64).fill_nan(None).cast(pl.Int64)
    )
    found = pick(forecast_demand(pl.concat([sound, odd]), horizon_days=14), "team")
    assert found.filter(pl.col("team_id") == "search").height == 14
    assert found["forecast_value"].is_finite().all()
