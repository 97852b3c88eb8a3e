"""The snapshot of a real build, as analysts meet it: every metric can be computed on it."""

from datetime import date, datetime

import duckdb
import pytest
from warehouse_factory import Company

from pipelines.metrics import metric_query, metrics
from pipelines.publish import publish, read_current
from pipelines.settings import Settings


@pytest.fixture(scope="module")
def settings(company: Company, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    copy = company.copied(tmp_path_factory.mktemp("analysts") / "company")
    settings = Settings(data=copy.data)
    publish(settings, stamp=datetime(2026, 2, 10))  # noqa: DTZ001 naive UTC by contract
    return settings


@pytest.fixture
def snapshot(settings: Settings):
    with read_current(settings) as connection:
        yield connection


def ask(snapshot: duckdb.DuckDBPyConnection, *args, **kwargs) -> list[tuple[object, ...]]:
    query = metric_query(*args, **kwargs)
    return snapshot.execute(query.sql, query.parameters).fetchall()


@pytest.mark.parametrize("name", metrics())
def test_every_metric_can_be_told_by_everything_that_it_names(snapshot, name) -> None:
    if not metrics()[name].required_dimensions:
        assert len(ask(snapshot, name)) == 1
    for grouping in metrics()[name].groupings:
        ask(snapshot, name, [grouping])


def test_the_published_definitions_are_those_that_queries_are_composed_from(snapshot) -> None:
    published = snapshot.execute(
        "select metric_name, mart, numerator_sql, filter_sql, dimensions from dim_metrics"
    ).fetchall()
    assert sorted(published) == sorted(
        (m.name, m.mart, m.numerator_sql, m.filter_sql or None, ", ".join(m.dimensions) or None)
        for m in metrics().values()
    )


def test_gpt_x_cost_what_its_four_requests_cost_by_hand(snapshot) -> None:
    # 1,000 in and 100 out each: at 2 and 8 USD per million, at the contract's 6 for output, then
    # twice at February's 1 and 4.
    cost = 0.0028 + 0.0026 + 0.0014 + 0.0014
    ((rate,),) = ask(snapshot, "cost_usd_per_million_tokens", where={"model_name": "gpt-x-2025"})
    assert rate == pytest.approx(cost * 1e6 / 4400)


def test_a_gpu_hour_is_allocated_or_idle_and_both_are_the_ratio(snapshot) -> None:
    day = {"first": date(2026, 1, 30), "last": date(2026, 1, 30)}
    hours = dict(ask(snapshot, "gpu_hours", ["allocation_status"], **day))
    assert sum(hours.values()) == 72
    ((ratio,),) = ask(snapshot, "allocated_ratio", **day)
    assert ratio == pytest.approx(float(hours["allocated"]) / 72)


def test_spend_is_the_same_on_every_basis(snapshot) -> None:
    charged, allocated, shown = (
        ask(snapshot, name) for name in ("spend_usd", "allocated_spend_usd", "showback_cost_usd")
    )
    assert charged == allocated == shown
    assert charged[0][0] > 0


def test_every_table_and_column_of_the_snapshot_is_described(snapshot) -> None:
    undescribed = snapshot.execute(
        "select table_name, null from duckdb_tables() where not internal"
        " and coalesce(trim(comment), '') = '' union all"
        " select table_name, column_name from duckdb_columns() where not internal"
        " and database_name = current_database() and coalesce(trim(comment), '') = ''"
    ).fetchall()
    assert undescribed == []
