"""Causes of change out of marts that dbt built: nothing of their cost is lost or told twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import duckdb
import polars as pl
import pytest
from rich.table import Table
from typer.testing import CliRunner
from warehouse_factory import Company

from ingest.errors import MeterhouseError
from pipelines.cli import app
from pipelines.demand_facts import read_facts
from pipelines.inflation import Facts
from pipelines.inflation.drivers import change_drivers
from pipelines.inflation.facts import COSTS, TOKENS
from pipelines.inflation.periods import Span, periods_by_scope
from pipelines.publish import publish
from pipelines.settings import Settings
from pipelines.why import compare, report

NANO_USD = 1e-9


@pytest.fixture(scope="module", params=["books", "company"])
def facts(request: pytest.FixtureRequest) -> Facts:
    built: Company = request.getfixturevalue(request.param)
    with duckdb.connect(built.warehouse, read_only=True) as connection:
        found = read_facts(connection)
    assert found is not None
    return found


def days(facts: Facts) -> list[Span]:
    count = (facts.last_day - facts.first_day).days + 1
    starts = [facts.first_day + timedelta(days=day) for day in range(count)]
    return [Span(start=start, end=start + timedelta(days=1)) for start in starts]


def test_tokens_and_their_prices_and_all_else_are_the_whole_cost(facts: Facts) -> None:
    place = ("usage_date", "team_id")
    loads = ("idle_cost", "overhead_cost")
    parts = facts.uses.select(*place, cost=pl.sum_horizontal(*COSTS, *loads))
    others = facts.others.select(*place, "cost")
    told = pl.concat([parts.cast({"cost": float}), others.cast({"cost": float})])
    sums = told.group_by(place).agg(pl.col("cost").sum())
    whole = facts.totals.group_by(place).agg(total=pl.col("cost").cast(float).sum())
    joined = whole.join(sums, on=place, how="left").with_columns(pl.col("cost").fill_null(0))
    assert joined["total"].sum() > 0
    assert ((joined["total"] - joined["cost"]).abs() < NANO_USD).all()


def test_no_token_is_lost_between_the_facts_and_the_days(facts: Facts) -> None:
    asked = facts.uses.select(pl.sum_horizontal(TOKENS).sum()).item()
    assert asked == facts.totals["total_tokens"].sum() > 0


@pytest.mark.parametrize("by_team", [False, True])
def test_causes_between_any_two_days_sum_to_the_difference(facts: Facts, by_team: bool) -> None:
    for periods in periods_by_scope(facts, days(facts), by_team=by_team).values():
        for before, after in pairwise(periods):
            drivers = change_drivers(before, after)
            change = sum((one.change_usd for one in drivers), Decimal(0))
            assert change == after.cost_usd - before.cost_usd
            scale = max(before.cost_usd, after.cost_usd)
            residual = drivers[-1]
            assert residual.driver == "residual"
            assert abs(residual.change_usd) <= Decimal("1e-9") * scale
            tokens = sum(one.change_tokens for one in drivers)
            assert tokens == pytest.approx(after.total_tokens - before.total_tokens, abs=1e-3)
            assert abs(residual.change_tokens) <= 1e-6


@pytest.fixture(scope="module")
def published(books: Company, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data=books.copied(tmp_path_factory.mktemp("why") / "company").data)
    publish(settings, stamp=datetime.now(UTC))
    return settings


def amounts(table: Table) -> Iterator[Decimal]:
    causes, usd = (list(table.columns[place].cells) for place in (0, 1))
    for cause, amount in zip(causes, usd, strict=True):
        if not str(cause).startswith(" "):
            text = str(amount).replace("\N{MINUS SIGN}", "-").replace(",", "")
            yield Decimal(text)


def test_why_adds_up_to_the_cent(books: Company, published: Settings) -> None:
    day = "2026-01-31"
    said = list(report(compare(published, first=day, last=day)))
    (table,) = (part for part in said if isinstance(part, Table))
    *causes, total = amounts(table)
    assert sum(causes, Decimal(0)) == total
    now, then = (
        books.value(
            "select sum(allocation_cost_usd) from fct_token_costs_daily where usage_date = ?", on
        )
        for on in (datetime(2026, 1, 31).date(), datetime(2026, 1, 30).date())  # noqa: DTZ001
    )
    cent = Decimal("0.01")
    assert total == Decimal(now).quantize(cent) - Decimal(then).quantize(cent)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "yesterday"], "is not a date"),
        (["--from", "2026-01-31", "--to", "2026-01-30"], "is after"),
        (["--to", "2031-01-01"], "do not lie in the data"),
        (["--from", "2026-01-31", "--to", "2026-01-31", "--team", "nobody"], "'nobody'"),
    ],
)
def test_a_wrong_day_or_team_is_said_in_words(
    published: Settings, arguments: list[str], said: str
) -> None:
    outcome = CliRunner().invoke(app, ["why", "--data", str(published.data), *arguments])
    assert isinstance(outcome.exception, MeterhouseError)
    assert said in str(outcome.exception)


def test_why_of_a_folder_without_a_snapshot_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="meterhouse run"):
        compare(Settings(data=tmp_path))
