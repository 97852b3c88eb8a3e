"""The parts of every explained charge sum to it, where one team serves and trains one model."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from books_company import DAY, TEN
from warehouse_factory import Company, event

from pipelines.explain import Node, explain
from pipelines.publish import publish
from pipelines.settings import Settings


def trains(name: str, team: str, start: int, minutes: int, model: str = "qwen") -> dict[str, Any]:
    """A training that holds GPU-1 from some minutes after ten."""
    begun = TEN + timedelta(minutes=start)
    return {
        "deployment_id": name,
        "workload": "training",
        "model_name": model,
        "host_name": "host-a",
        "gpu_indices": "1",
        "team_id": team,
        "started_at": begun,
        "ended_at": begun + timedelta(minutes=minutes),
    }


@pytest.fixture(scope="module")
def mixed(books: Company, tmp_path_factory: pytest.TempPathFactory) -> Company:
    """At ten blue is served qwen and trains it twice, green only trains it.

    At eleven blue trains a model that GPUs outside the ledger serve to it.
    """
    company = books.copied(tmp_path_factory.mktemp("mixed") / "company")
    serving = {"deployment_id": "serve", "workload": "inference", "model_name": "qwen"}
    company.keep(
        "deployments",
        [
            {**serving, "host_name": "host-a", "gpu_indices": "0", "started_at": DAY},
            trains("tune-1", "blue", 0, 20),
            trains("tune-2", "blue", 20, 15),
            trains("tune-3", "green", 40, 20),
            trains("tune-lost", "blue", 60, 60, "lost"),
        ],
    )
    lost = {"provider_name": "self_hosted", "response_model": "lost", "team_id": "blue"}
    asked = event("lost", TEN + timedelta(hours=1), **lost, uncached_input_tokens=10)
    company.land("usage_events", "litellm", "lost.jsonl", [asked])
    company.dbt("run", "--full-refresh", "--select", "+fct_charges_hourly", "+fct_request_costs")
    return company


@pytest.fixture(scope="module")
def published(mixed: Company) -> Settings:
    settings = Settings(data=mixed.data)
    publish(settings, stamp=datetime.now(UTC))
    return settings


def charged(company: Company, model: str, team: str, status: str = "own_gpu") -> str:
    return str(
        company.value(
            "select charge_id from fct_charges_hourly where charge_kind = 'own_gpu_allocated'"
            " and model_name = ? and team_id = ? and pricing_status = ?",
            model,
            team,
            status,
        )
    )


def broken(node: Node) -> Iterator[str]:
    """Amounts at any depth that their parts do not sum to."""
    costs = [part.cost_usd for part in node.parts if part.cost_usd is not None]
    if node.cost_usd is not None and costs and sum(costs) != node.cost_usd:
        yield f"{node.text} ${node.cost_usd} is not {costs}"
    for part in node.parts:
        yield from broken(part)


@pytest.mark.parametrize("most", [1, 10])
def test_the_parts_of_a_charge_sum_to_it_at_every_depth(
    mixed: Company, published: Settings, most: int
) -> None:
    charges = mixed.query(
        "select charge_id from fct_charges_hourly"
        " where hour_start_at in (?, ?) or charge_kind = 'cloud_tokens' order by 1",
        TEN,
        TEN + timedelta(hours=1),
    )
    nodes = [explain(published, charge_id, most=most) for (charge_id,) in charges]
    assert [text for node in nodes for text in broken(node)] == []
    assert [node.text for node in nodes if node.cost_usd and not node.parts] == []


def test_a_charge_shows_what_it_served_beside_what_it_trained(
    mixed: Company, published: Settings
) -> None:
    node = explain(published, charged(mixed, "qwen", "blue"))
    # 75 cents of what answered, and 35 minutes of a dollar an hour
    *served, trained = node.parts
    assert sum(part.cost_usd or 0 for part in served) == Decimal("0.75")
    assert trained.cost_usd == sum(part.cost_usd or 0 for part in trained.parts)
    assert abs((trained.cost_usd or 0) - Decimal(35) / 60) < Decimal("1e-11")
    assert [part.text.rpartition(": ")[2] for part in trained.parts] == ["tune-1", "tune-2"]
    assert node.cost_usd == Decimal("0.75") + (trained.cost_usd or 0)


def test_who_only_trains_a_model_sees_no_gpu_that_serves_it(
    mixed: Company, published: Settings
) -> None:
    (gpu,) = explain(published, charged(mixed, "qwen", "green")).parts
    assert gpu.text.endswith("GPU-1 on host-a: tune-3")


def test_usage_without_a_gpu_in_the_ledger_is_not_explained_by_what_trained(
    mixed: Company, published: Settings
) -> None:
    unpriced = explain(published, charged(mixed, "lost", "blue", "unpriced"))
    assert (unpriced.cost_usd, unpriced.parts) == (None, ())
    assert explain(published, charged(mixed, "lost", "blue")).cost_usd == 1
    event_id = mixed.value("select event_id from fct_usage_events where model_name = 'lost'")
    request = explain(published, str(event_id))
    assert (request.cost_usd, request.parts) == (None, ())
