"""Ten weeks in which days go wrong in every way: the guard names each, and no day that is sound."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from warehouse_factory import Company, event, moment

from pipelines.quality.forecast_measures import Guarded, guard

FIRST = date(2026, 1, 5)  # a Monday
DAYS = 70
TODAY = FIRST + timedelta(days=DAYS)
NEAR = "values_are_near_those_of_other_weeks"
TEAM = "no_team_changes_its_unit"
ALL = frozenset({"total_tokens", "request_count", "effective_cost_usd"})
Rows = list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What happens to one day, and the measures that the named expectation must keep back."""

    day: int
    alter: Callable[[Rows], Rows]
    expectation: str
    measures: frozenset[str]


def requests(number: int) -> Rows:
    """A sound day: a large team at two providers and a small one at the first."""
    start = moment(str(FIRST + timedelta(days=number)))
    busy = 0.3 if number % 7 >= 5 else 1.0
    return [
        event(
            f"{name}{number}",
            start + timedelta(hours=10),
            provider_name=provider,
            response_model=model,
            team_id=team,
            uncached_input_tokens=int(tokens * busy) + 3 * number,
            other_output_tokens=10,
        )
        for name, team, provider, model, tokens in (
            ("a", "red", "openai", "gpt-x", 90_000),
            ("b", "red", "anthropic", "claude-x", 900),
            ("c", "blue", "openai", "gpt-x", 60),
        )
    ]


def times(factor: float, team: str) -> Callable[[Rows], Rows]:
    """Input tokens in another unit."""

    def alter(rows: Rows) -> Rows:
        return [
            row
            | {
                name: int(row[name] * factor)
                for name in ("uncached_input_tokens", "other_output_tokens")
                if row["team_id"] == team
            }
            for row in rows
        ]

    return alter


def hundredfold(rows: Rows) -> Rows:
    return [
        row | {"event_id": f"{turn}{row['event_id'][3:]}", "uncached_input_tokens": 100}
        for turn in range(100, 200)
        for row in rows
        if row["team_id"] == "blue"
    ] + [row for row in rows if row["team_id"] == "red"]


def unknown_model(rows: Rows) -> Rows:
    return [row | {"response_model": "gpt-y"} for row in rows]


def as_the_day_before(rows: Rows) -> Rows:
    before = requests((rows[0]["started_at"].date() - FIRST).days - 1)
    return [
        row | {"uncached_input_tokens": old["uncached_input_tokens"]}
        for row, old in zip(rows, before, strict=True)
    ]


USED = frozenset({"total_tokens", "effective_cost_usd"})
WRONG = (
    Wrong(day=29, alter=times(1000, "red"), expectation=NEAR, measures=USED),
    Wrong(day=30, alter=times(1e6, "red"), expectation=NEAR, measures=USED),
    Wrong(day=31, alter=times(0.001, "red"), expectation=NEAR, measures=USED),
    Wrong(day=32, alter=times(1000, "blue"), expectation=TEAM, measures=USED),
    Wrong(day=34, alter=hundredfold, expectation=NEAR, measures=frozenset({"request_count"})),
    Wrong(day=39, alter=as_the_day_before, expectation="no_day_is_repeated", measures=ALL),
    Wrong(
        day=43,
        alter=lambda rows: [row for row in rows if row["provider_name"] != "anthropic"],
        expectation="no_account_is_silent",
        measures=ALL,
    ),
    Wrong(
        day=44,
        alter=unknown_model,
        expectation="prices_are_known",
        measures=frozenset({"effective_cost_usd"}),
    ),
    Wrong(day=45, alter=lambda _: [], expectation="no_account_is_silent", measures=ALL),
    # a contract whose price is per thousand tokens, for one day
    Wrong(
        day=49,
        alter=lambda rows: rows,
        expectation=NEAR,
        measures=frozenset({"effective_cost_usd"}),
    ),
)


@pytest.fixture(scope="module")
def measures(tmp_path_factory: pytest.TempPathFactory, project: Path) -> pl.DataFrame:
    company = Company.found(tmp_path_factory.mktemp("guarded"), project)
    known = [("openai", "gpt-x"), ("anthropic", "claude-x")]
    company.match_prices([(*pair, *pair) for pair in known])
    company.keep(
        "contract_prices",
        [
            {
                "contract_id": "unit",
                "provider_name": "openai",
                "model_name": "gpt-x",
                "token_class": "uncached_input",
                "unit_price_usd": Decimal("0.002"),
                "valid_from": FIRST + timedelta(days=49),
                "valid_to": FIRST + timedelta(days=50),
            }
        ],
    )
    altered = {wrong.day: wrong.alter for wrong in WRONG}
    days = [altered.get(number, list)(requests(number)) for number in range(DAYS)]
    rows = [row for day in days for row in day]
    company.land("usage_events", "litellm", "litellm/a.ndjson", rows)
    company.dbt("seed")
    company.dbt("run", "--select", "+int_forecast_measures_daily")
    with duckdb.connect(str(company.warehouse), read_only=True) as connection:
        return connection.sql("from intermediate.int_forecast_measures_daily").pl()


@pytest.fixture(scope="module")
def guarded(measures: pl.DataFrame) -> Guarded:
    return guard(measures, today=TODAY)


def kept_back(guarded: Guarded) -> dict[int, dict[str, set[str]]]:
    found: dict[int, dict[str, set[str]]] = {}
    for day, measure, expectation in guarded.excluded.iter_rows():
        found.setdefault((day - FIRST).days, {}).setdefault(expectation, set()).add(measure)
    return found


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: f"day {wrong.day} {wrong.expectation}")
def test_a_day_that_is_wrong_is_kept_from_the_forecasts(guarded: Guarded, wrong: Wrong) -> None:
    assert kept_back(guarded)[wrong.day][wrong.expectation] >= wrong.measures


def test_only_days_that_are_wrong_are_kept_back(guarded: Guarded) -> None:
    assert kept_back(guarded).keys() == {wrong.day for wrong in WRONG}
    assert not guarded.is_stopped
    passed = {one.expectation_name for one in guarded.results if one.is_success}
    assert passed == {
        "measures_are_not_negative",
        "parts_are_within_the_whole",
        "days_are_not_in_the_future",
    }


def test_who_it_was_is_told(guarded: Guarded) -> None:
    told = {
        (one.expectation_name, (one.usage_date - FIRST).days): one.failing_rows
        for one in guarded.results
        if one.usage_date is not None
    }
    assert told[TEAM, 32] == "blue"
    assert told["no_account_is_silent", 43] == "anthropic"


@pytest.mark.parametrize(
    ("expectation", "changes"),
    [
        ("measures_are_not_negative", {"measured_value": -1.0}),
        ("parts_are_within_the_whole", {"wrong_sum_count": 1}),
        ("days_are_not_in_the_future", {"usage_date": TODAY + timedelta(days=2)}),
    ],
)
@pytest.mark.parametrize("measure", [*sorted(ALL), "gpu_hours"])
def test_what_cannot_be_stops_publication(
    measures: pl.DataFrame, expectation: str, changes: dict[str, Any], measure: str
) -> None:
    is_sound = (pl.col("value_to_median_ratio") < 2) & (pl.col("farthest_team_ratio") < 2)
    is_whole = (pl.col("silent_account_count") == 0) & pl.col("repeated_date").is_null()
    tokens = measures.filter(is_sound & is_whole, pl.col("measure") == "total_tokens")
    sound = tokens.sort("usage_date").head(20)
    row = sound.head(1).with_columns(
        pl.lit(measure).alias("measure"),
        *(pl.lit(value).cast(sound[name].dtype).alias(name) for name, value in changes.items()),
    )
    found = guard(pl.concat([sound, row]), today=TODAY)
    assert found.is_stopped
    assert {one.expectation_name for one in found.results if not one.is_success} == {expectation}


def test_no_expectation_is_left_without_a_day_that_it_must_catch(guarded: Guarded) -> None:
    tried = {wrong.expectation for wrong in WRONG}
    critical = {one.expectation_name for one in guarded.results if one.severity == "critical"}
    assert tried | critical == {one.expectation_name for one in guarded.results}


def test_the_day_in_progress_is_not_judged_by_its_volume(measures: pl.DataFrame) -> None:
    found = guard(measures, today=FIRST + timedelta(days=29))
    assert kept_back(found) == {}
