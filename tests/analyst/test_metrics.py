"""A metric is a ratio of sums; what is unknown is left out, and nothing is divided by zero."""

from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest

from ingest.errors import MeterhouseError
from pipelines.metrics import metric_query, metrics

_DAYS = """
create table dim_teams as select * from (values ('a', 'Alpha', 'CC-1'), ('b', 'Beta', null))
  t(team_id, team_name, cost_center);
create table fct_token_costs_daily(usage_date date, provider_name varchar, model_name varchar,
  team_id varchar, is_self_hosted boolean, total_tokens bigint, unpriced_tokens bigint,
  effective_cost_usd decimal(38, 12));
insert into fct_token_costs_daily values
  ('2026-01-31', 'openai', 'gpt-x', 'a', false, 1000000, 0, 1),
  ('2026-02-01', 'openai', 'gpt-x', 'b', false, 3000000, 0, 9),
  -- half a million tokens without a price, whose cost nobody knows
  ('2026-02-02', 'openai', 'new', 'a', false, 500000, 500000, null),
  -- idle GPUs: money without tokens
  ('2026-02-02', 'self_hosted', '', 'unattributed', true, null, 0, 70);
"""


@pytest.fixture
def marts() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(_DAYS)
    return connection


def ask(marts: duckdb.DuckDBPyConnection, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:
    query = metric_query(*args, **kwargs)
    return marts.execute(query.sql, query.parameters).fetchall()


def test_a_ratio_is_a_ratio_of_sums_and_not_the_average_of_ratios(marts) -> None:
    assert ask(marts, "cost_usd_per_million_tokens") == [(2.5,)]


def test_tokens_without_a_price_are_in_no_rate_and_told_apart(marts) -> None:
    assert ask(marts, "cost_usd_per_million_tokens", ["model_name"]) == [
        ("", None),
        ("gpt-x", 2.5),
        ("new", None),
    ]
    assert ask(marts, "unpriced_tokens_ratio") == [(500_000 / 4_500_000,)]


def test_nothing_asked_for_is_unknown_and_not_zero(marts) -> None:
    assert ask(marts, "total_tokens", first=date(2027, 1, 1)) == [(None,)]
    assert ask(marts, "unpriced_tokens_ratio", first=date(2027, 1, 1)) == [(None,)]


def test_first_and_last_day_count(marts) -> None:
    both = ask(marts, "total_tokens", first=date(2026, 1, 31), last=date(2026, 2, 1))
    assert both == [(4_000_000,)]


def test_months_are_told_by_their_first_day(marts) -> None:
    assert ask(marts, "total_tokens", ["month"]) == [
        (date(2026, 1, 1), 1_000_000),
        (date(2026, 2, 1), 3_500_000),
    ]


def test_teams_are_told_by_name_and_none_is_lost(marts) -> None:
    assert ask(marts, "total_tokens", ["team_name"], where={"is_self_hosted": False}) == [
        ("Alpha", 1_500_000),
        ("Beta", 3_000_000),
    ]
    assert ask(marts, "total_tokens", where={"cost_center": None}) == [(3_000_000,)]
    assert ask(marts, "total_tokens", where={"team_id": ["a", "b"]}) == [(4_500_000,)]


def test_values_are_parameters_and_never_sql(marts) -> None:
    hostile = "'; drop table dim_teams; --"
    assert ask(marts, "total_tokens", where={"team_id": hostile}) == [(None,)]
    assert marts.execute("select count(*) from dim_teams").fetchall() == [(2,)]


@pytest.mark.parametrize("by", ["prompt", "facts.team_id", '"; drop table dim_teams'])
def test_a_dimension_that_it_does_not_have_is_an_error_that_names_those_it_has(by) -> None:
    with pytest.raises(MeterhouseError, match="model_name, team_id"):
        metric_query("total_tokens", [by])


def test_an_unknown_metric_is_an_error_that_names_them_all() -> None:
    with pytest.raises(MeterhouseError, match="spend_usd"):
        metric_query("profit")


def test_money_stays_decimal() -> None:
    connection = duckdb.connect()
    connection.execute(
        "create table fct_charges_hourly as select date '2026-01-01' as usage_date,"
        " 0.1::decimal(38, 12) as effective_cost_usd from range(3)"
    )
    assert ask(connection, "spend_usd") == [(Decimal("0.300000000000"),)]


def test_quotas_are_never_added_up_and_the_newest_day_counts() -> None:
    connection = duckdb.connect()
    connection.execute(
        "create table fct_quota_consumption_daily as select * from (values"
        " ('q', date '2026-01-01', 40.0, 100.0), ('q', '2026-01-02', 60.0, 100.0),"
        " ('r', '2026-01-02', 10.0, 20.0), ('none', '2026-01-02', 10.0, 0.0))"
        " t(quota_id, usage_date, quota_used_to_date_value, quota_limit_value)"
    )
    assert ask(connection, "quota_used_ratio") == [("none", None), ("q", 0.6), ("r", 0.5)]


def test_every_definition_is_complete() -> None:
    for metric in metrics().values():
        assert metric.description.endswith("."), metric.name
        assert set(metric.required_dimensions) <= set(metric.dimensions), metric.name
        assert metric.better in ("", "lower", "higher"), metric.name
        # A name ends with its unit, as every column does.
        assert metric.unit != "ratio" or metric.name.endswith("_ratio"), metric.name
