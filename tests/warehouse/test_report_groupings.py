"""A report that was asked for in several groupings counts once, and one in several files wholly."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from warehouse_factory import Company

from ingest.landing import land
from ingest.sources import SOURCES

DAY = datetime(2026, 5, 4, tzinfo=UTC)
Results = list[dict[str, Any]]


def page(*days: Results) -> Any:
    """An answer of OpenAI with a bucket a day."""
    starts = [int((DAY + timedelta(days=number)).timestamp()) for number in range(len(days))]
    buckets = [
        {"start_time": start, "end_time": start + 86_400, "results": results}
        for start, results in zip(starts, days, strict=True)
    ]
    return {"object": "page", "data": buckets, "has_more": False, "next_page": None}


def used(tokens: int, **dimensions: Any) -> dict[str, Any]:
    return {
        "object": "organization.usage.completions.result",
        "input_tokens": tokens - 300,
        "output_tokens": 300,
        "num_model_requests": 5,
        **dict.fromkeys(("model", "project_id", "user_id", "api_key_id")),
        **dimensions,
    }


def cost(dollars: str, **dimensions: Any) -> dict[str, Any]:
    return {
        "object": "organization.costs.result",
        "amount": {"value": float(dollars), "currency": "usd"},
        **dict.fromkeys(("line_item", "project_id")),
        **dimensions,
    }


def anthropic(*results: dict[str, Any]) -> Any:
    end = (DAY + timedelta(days=1)).isoformat()
    bucket = {"starting_at": DAY.isoformat(), "ending_at": end, "results": list(results)}
    return {"data": [bucket], "has_more": False, "next_page": None}


def read(tokens: int, **dimensions: Any) -> dict[str, Any]:
    counts = {"uncached_input_tokens": tokens, "cache_read_input_tokens": 0, "output_tokens": 0}
    return {**counts, **dict.fromkeys(("model", "workspace_id", "service_tier")), **dimensions}


def cents(amount: str, **dimensions: Any) -> dict[str, Any]:
    names = ("description", "workspace_id", "cost_type", "model", "token_type")
    return {"amount": amount, "currency": "USD", **dict.fromkeys(names), **dimensions}


MODEL = {"model": "gpt-5"}
# What lies together in one folder -> the tokens that count, and the groupings that do not.
USAGE: dict[str, tuple[list[Any], int, list[str]]] = {
    "two groupings": (
        [page([used(1300, **MODEL)]), page([used(1300, project_id="p")])],
        1300,
        ["project_id"],
    ),
    "the finest of three": (
        [
            page([used(1300)]),
            page([used(1300, **MODEL)]),
            page([used(800, **MODEL, project_id="p"), used(500, **MODEL, project_id="q")]),
        ],
        1300,
        ["model", "total"],
    ),
    "by what may be unknown": (
        [
            page([used(800, **MODEL, user_id="u"), used(500, **MODEL)]),
            page([used(700, **MODEL, api_key_id="k"), used(600, **MODEL, api_key_id="l")]),
        ],
        1300,
        ["model + user_id"],
    ),
    # of one project the keys belong to users, of the other to services
    "a file a project": (
        [
            page([used(800, **MODEL, project_id="p", user_id="u")]),
            page([used(500, **MODEL, project_id="q")]),
        ],
        1300,
        [],
    ),
    "one project and the whole": (
        [page([used(800, **MODEL, project_id="p")]), page([used(1300, **MODEL)])],
        1300,
        ["model + project_id"],
    ),
    "a day that goes on": (
        [page([used(1290, **MODEL)]), page([used(1310, project_id="p")])],
        1290,
        ["project_id"],
    ),
    # two pages of one answer: on the second day nobody's name is known
    "two pages": (
        [
            page([used(1000, **MODEL, user_id="u"), used(300, **MODEL)]),
            page([], [used(1000, **MODEL), used(1000, model="gpt-4")]),
        ],
        3300,
        [],
    ),
}
OTHERS: dict[str, dict[str, list[Any]]] = {
    "anthropic_usage": {
        "claude": [
            anthropic(read(900, model="claude-x"), read(100, model="claude-y")),
            anthropic(read(600, workspace_id="w"), read(400)),
        ]
    },
    "openai_costs": {
        "money": [
            page([cost("6", line_item="gpt-5, input"), cost("4", line_item="web search")]),
            page([cost("7", project_id="p"), cost("3", project_id="q")]),
        ]
    },
    "anthropic_costs": {
        "claude": [
            anthropic(cents("500", description="Claude X", cost_type="tokens", model="claude-x")),
            anthropic(cents("300", workspace_id="w"), cents("200")),
        ]
    },
}


REWRITTEN = [
    page([cost("10", line_item="gpt-5, input"), cost("5", line_item="web search")]),
    page([cost("11", line_item="gpt-5, input")]),
]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    company = Company.found(tmp_path_factory.mktemp("groupings") / "data", project)
    usage = {instance: files for instance, (files, _, _) in USAGE.items()}
    for source, instances in {"openai_usage": usage, **OTHERS}.items():
        for instance, files in instances.items():
            for number, content in enumerate(files):
                path = company.data / "inputs" / source / instance / f"{number}.json"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(json.dumps(content))
    rewritten = company.data / "inputs" / "openai_costs" / "rewritten" / "costs.json"
    rewritten.parent.mkdir()
    for content in REWRITTEN:
        rewritten.write_text(json.dumps(content))
        land(company.data / "inputs", company.data / "landing", SOURCES)
    accounts = [
        {"account_id": name, "provider_name": "openai", "source_instance": name}
        for name in [*USAGE, "money", "rewritten"]
    ]
    company.keep("provider_accounts", accounts)
    company.dbt("build", "--exclude-resource-type", "unit_test")
    return company


@pytest.mark.parametrize("name", USAGE)
def test_each_request_counts_once_however_its_report_is_grouped(
    company: Company, name: str
) -> None:
    _, tokens, left_out = USAGE[name]
    counted = (
        "select sum(input_tokens + output_tokens) from intermediate.int_usage_events_counted"
        " where account_id = ?"
    )
    assert company.value(counted, name) == tokens
    explained = (
        "select left_out_grouping, reason, difference_tokens from fct_reconciliation_daily"
        " where account_id = ? order by all"
    )
    assert company.query(explained, name) == [(one, "other_grouping", None) for one in left_out]


def test_the_grouping_that_was_left_out_stands_beside_what_counts(company: Company) -> None:
    assert company.query(
        "select counted_source, counted_input_tokens, reconciling_source, reconciling_role,"
        " reconciling_input_tokens, reconciling_output_tokens from fct_reconciliation_daily"
        " where account_id = 'two groupings'"
    ) == [("openai_usage", 1000, "openai_usage", "provider_usage", 1000, 300)]


def test_requests_are_those_of_one_grouping_with_a_model(company: Company) -> None:
    assert company.query(
        "select model_name, sum(request_count) from intermediate.int_usage_events_counted"
        " where account_id = 'two groupings' group by all"
    ) == [("gpt-5", 5)]


def test_anthropics_workspaces_and_models_are_the_same_tokens(company: Company) -> None:
    assert company.query(
        "select model_name, sum(input_tokens) from fct_usage_events"
        " where provider_name = 'anthropic' group by all order by all"
    ) == [("claude-x", 900), ("claude-y", 100)]


def test_money_in_two_groupings_is_the_same_money(company: Company) -> None:
    assert company.query(
        "select provider_name, sum(cost_usd), bool_and(line_item != '')"
        " from fct_provider_costs_daily where account_id != 'rewritten' group by all order by all"
    ) == [("anthropic", Decimal(5), True), ("openai", Decimal(10), True)]
    assert company.query(
        "select reconciling_source, left_out_grouping, reconciling_cost_usd, reason"
        " from fct_reconciliation_daily where reconciling_role = 'bill' and left_out_grouping != ''"
        " order by all"
    ) == [
        ("anthropic_costs", "workspace_id", Decimal(5), "other_grouping"),
        ("openai_costs", "project_id", Decimal(10), "other_grouping"),
    ]


def test_a_report_written_again_within_minutes_is_the_last_one(company: Company) -> None:
    assert company.query(
        "select line_item, cost_usd from fct_provider_costs_daily where account_id = 'rewritten'"
    ) == [("gpt-5, input", Decimal(11))]
