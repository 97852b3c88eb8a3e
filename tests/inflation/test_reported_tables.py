import math
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from demand_company import FIRST, Asked, facts, growing

from pipelines.inflation import TABLES, read_table, report_inflation, write_table
from pipelines.inflation.tables import PERIOD_KEY

Tables = dict[str, pl.DataFrame]
NOTHING: Tables = {name: pl.DataFrame(schema=schema) for name, schema in TABLES.items()}


@pytest.fixture(scope="module")
def reported() -> Tables:
    return report_inflation(facts(growing(), days=70), NOTHING)


def same(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    return left.sort(pl.all()).equals(right.sort(pl.all()))


def test_drivers_sum_to_the_difference_of_the_costs_exactly(reported: Tables) -> None:
    drivers = reported["cost_drivers"]
    sums = drivers.group_by(PERIOD_KEY).agg(
        usd=pl.col("change_usd").sum(),
        tokens=pl.col("change_tokens").sum(),
        gap=pl.col("to_cost_usd").first() - pl.col("from_cost_usd").first(),
        tokens_gap=pl.col("to_tokens").first() - pl.col("from_tokens").first(),
    )
    assert sums.height == 27  # three scopes: eight weeks, one pair of 28 days, no pair of months
    assert (sums["usd"] == sums["gap"]).all()
    assert ((sums["tokens"] - sums["tokens_gap"]).abs() < 1e-6).all()


def test_the_residual_is_the_rounding_of_floats(reported: Tables) -> None:
    residual = reported["cost_drivers"].filter(pl.col("driver") == "residual")
    scale = pl.max_horizontal(
        pl.col("from_cost_usd").cast(float), pl.col("to_cost_usd").cast(float)
    )
    gaps = residual.select(pl.col("change_usd").cast(float).abs() / scale).to_series()
    assert (gaps < 1e-9).all()


def drivers_of(reported: Tables, team: str, week: int) -> dict[str, float]:
    start = FIRST + timedelta(weeks=week)
    rows = reported["cost_drivers"].filter(
        (pl.col("team_id") == team)
        & (pl.col("period_kind") == "week")
        & (pl.col("period_start_date") == start)
    )
    sums = rows.group_by("driver").agg(pl.col("change_usd").cast(float).sum())
    return dict(sums.iter_rows())


def test_a_price_cut_is_a_cause_of_its_own(reported: Tables) -> None:
    causes = drivers_of(reported, "red", 4)
    assert causes["unit_price"] < 0
    assert causes["tokens_per_request"] > 0
    assert "model_entry" not in causes


def test_a_new_model_hides_no_growth(reported: Tables) -> None:
    causes = drivers_of(reported, "red", 5)
    assert causes["model_entry"] > 0
    assert causes["requests_per_user"] > 0


def test_idle_time_of_own_gpus_is_apart_from_their_throughput(reported: Tables) -> None:
    causes = drivers_of(reported, "blue", 3)
    assert causes["gpu_idle"] < 0
    assert abs(causes.get("gpu_hours_per_token", 0.0)) < 1e-9
    assert abs(causes.get("gpu_hour_price", 0.0)) < 1e-9


def test_unpriced_usage_is_in_the_tokens_and_not_in_the_cost(reported: Tables) -> None:
    unlisted = reported["cost_drivers"].filter(pl.col("model_name") == "unlisted")
    assert unlisted.height > 0
    assert (unlisted["change_usd"] == 0).all()


def index(reported: Tables, team: str, formula: str = "tornqvist_chained") -> list[float]:
    rows = reported["price_index"].filter(
        (pl.col("team_id") == team)
        & (pl.col("period_kind") == "week")
        & (pl.col("formula") == formula)
        & (pl.col("contributor_kind") == "total")
    )
    levels: list[float] = rows.sort("period_start_date")["index_ratio"].to_list()
    return levels


def test_a_new_expensive_model_raises_the_unit_value_and_not_the_index(reported: Tables) -> None:
    levels = index(reported, "red")
    assert levels[:4] == pytest.approx([1, 1, 1, 1])
    assert levels[4:] == pytest.approx([levels[4]] * len(levels[4:]))
    assert levels[4] < 1
    rows = reported["price_index"].filter(
        (pl.col("team_id") == "red")
        & (pl.col("period_kind") == "week")
        & (pl.col("formula") == "tornqvist_chained")
        & (pl.col("contributor_kind") == "total")
    )
    units = rows.sort("period_start_date")["unit_value_usd_per_million_tokens"]
    assert units[5] > units[4]
    assert rows.sort("period_start_date")["matched_cost_ratio"][5] < 1


@pytest.mark.parametrize("kind", ["model", "team"])
def test_contributions_to_the_index_sum_to_its_change(reported: Tables, kind: str) -> None:
    rows = reported["price_index"].filter(pl.col("formula") == "tornqvist_chained")
    of_whole = pl.col("contributor_kind") == "total"
    if kind == "team":
        rows = rows.filter(pl.col("scope_kind") == "organization")
    changes = rows.filter(of_whole & pl.col("change_ratio").is_not_null())
    parts = rows.filter(pl.col("contributor_kind") == kind)
    sums = parts.group_by(PERIOD_KEY).agg(pl.col("contribution_ratio").sum())
    joined = changes.select(*PERIOD_KEY, "change_ratio").join(sums, on=PERIOD_KEY)
    assert joined.height == changes.height > 5
    gaps = joined["change_ratio"] - joined["contribution_ratio"]
    assert (gaps.abs() < 1e-12).all()


@pytest.mark.parametrize("measure", ["allocation_cost_usd", "total_tokens"])
def test_the_indexes_of_the_causes_multiply_to_that_of_the_total(
    reported: Tables, measure: str
) -> None:
    rows = reported["quota_inflation_index"].filter(
        (pl.col("measure") == measure)
        & (pl.col("period_kind") == "week")
        & (pl.col("team_id") == "")
    )
    last = rows.filter(pl.col("period_start_date") == pl.col("period_start_date").max())
    causes = last.filter(pl.col("contributor_kind") == "driver")["index_ratio"].to_list()
    (total,) = last.filter(pl.col("contributor_kind") == "total")["index_ratio"]
    assert math.prod(causes) == pytest.approx(total, rel=1e-9)


def test_volume_times_price_is_what_was_spent(reported: Tables) -> None:
    totals = reported["quota_inflation_index"].filter(
        (pl.col("contributor_kind") == "total") & (pl.col("measure") == "allocation_cost_usd")
    )
    gaps = totals["price_index_ratio"] * totals["volume_index_ratio"] - totals["index_ratio"]
    assert totals.height > 20
    assert (gaps.abs() < 1e-12).all()


def test_a_longer_history_leaves_every_published_value_as_it_was() -> None:
    early = report_inflation(facts(growing(49), days=49), NOTHING)
    late = report_inflation(facts(growing(), days=70), early)
    for name in TABLES:
        old = early[name].filter(pl.col("period_kind") != "days_28")
        kept = late[name].filter(
            pl.struct(*PERIOD_KEY).is_in(old.select(pl.struct(*PERIOD_KEY)).to_series().implode())
        )
        assert old.height > 0
        assert same(old, kept)
        assert late[name].height > old.height


def test_a_restated_period_is_published_beside_what_it_was() -> None:
    before = report_inflation(facts(growing(), days=70), NOTHING)
    after = report_inflation(facts(growing(restated_day=30), days=70), before)
    fresh = report_inflation(facts(growing(restated_day=30), days=70), NOTHING)
    drop = ["vintage", "is_current"]
    for name in TABLES:
        history = after[name].filter(pl.col("period_kind") != "days_28")
        old = before[name].filter(pl.col("period_kind") != "days_28")
        assert same(
            history.filter("is_current").drop(drop),
            fresh[name].filter(pl.col("period_kind") != "days_28").drop(drop),
        )
        assert same(history.filter(pl.col("vintage") == 1).drop(drop), old.drop(drop))
        restated = history.filter(pl.col("vintage") == 2)
        assert restated["period_start_date"].min() in (
            FIRST + timedelta(weeks=4),
            FIRST.replace(month=4, day=1),
        )


def test_the_same_facts_again_write_the_same_bytes(tmp_path: Path, reported: Tables) -> None:
    again = report_inflation(facts(growing(), days=70), reported)
    for name in TABLES:
        write_table(reported[name], name, tmp_path / "first")
        write_table(again[name], name, tmp_path / "second")
        first = (tmp_path / "first" / f"{name}.parquet").read_bytes()
        assert (tmp_path / "second" / f"{name}.parquet").read_bytes() == first
        assert read_table(name, tmp_path / "first").height == reported[name].height


def test_the_last_period_is_complete_before_it_is_published(reported: Tables) -> None:
    weeks = reported["price_index"].filter(pl.col("period_kind") == "week")
    assert weeks["period_end_date"].max() == FIRST + timedelta(weeks=9)


def test_one_day_of_history_has_nothing_to_compare() -> None:
    tables = report_inflation(facts(growing(1), days=1), NOTHING)
    assert {name: frame.height for name, frame in tables.items()} == dict.fromkeys(TABLES, 0)


def test_reports_that_tell_no_requests_are_compared_by_their_tokens() -> None:
    asked = [
        Asked(
            day=day,
            team="red",
            model="bucketed",
            requests=0,
            is_counted=False,
            input_tokens=1_000_000 * (1 + day // 7),
            output_tokens=0,
        )
        for day in range(15)
    ]
    causes = drivers_of(report_inflation(facts(asked, days=15), NOTHING), "", 1)
    assert causes["token_volume"] == pytest.approx(21.0)
