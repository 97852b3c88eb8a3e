"""What `meterhouse explain` says of the company of books_company.py."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console
from warehouse_factory import Company

from ingest.errors import MeterhouseError
from pipelines.explain import Node, drawn, explain
from pipelines.publish import publish
from pipelines.settings import Settings


@pytest.fixture(scope="module")
def published(books: Company, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = Settings(data=books.copied(tmp_path_factory.mktemp("explained") / "company").data)
    publish(settings, stamp=datetime.now(UTC))
    return settings


def charge(books: Company, kind: str, team: str, day: str = "2026-01-10") -> str:
    return str(
        books.value(
            "select charge_id from fct_charges_hourly where charge_kind = ? and team_id = ?"
            " and usage_date = cast(? as date) order by effective_cost_usd desc limit 1",
            kind,
            team,
            day,
        )
    )


def texts(node: Node) -> list[str]:
    return [node.text, *(text for part in node.parts for text in texts(part))]


def test_a_cloud_charge_goes_down_to_the_line_and_the_price(
    books: Company, published: Settings
) -> None:
    node = explain(published, charge(books, "cloud_tokens", "blue", "2026-01-31"))
    assert node.cost_usd == Decimal("0.0028")
    (request,) = node.parts
    assert request.text == "usage.jsonl:4 at 23:30:00"
    *classes, price = request.parts
    assert [(part.text, part.cost_usd) for part in classes] == [
        ("1,000 uncached input tokens x $0.000002", Decimal("0.002")),
        ("100 output tokens x $0.000008", Decimal("0.0008")),
    ]
    assert "list" in price.text
    assert "2025-01-01 to 2026-02-01" in price.text


def test_a_teams_share_goes_down_to_weights_gpus_and_requests(
    books: Company, published: Settings
) -> None:
    node = explain(published, charge(books, "own_gpu_allocated", "blue"))
    assert node.cost_usd == Decimal("0.75")
    of_input, of_output, gpus, requests = node.parts
    assert of_input.cost_usd is not None
    assert of_output.cost_usd is not None
    assert of_input.cost_usd + of_output.cost_usd == node.cost_usd
    assert of_input.text.startswith("input: 3,000 of 4,000 uncached input tokens; ")
    assert gpus.text.endswith("in this hour, $1.000000000000")
    (gpu,) = gpus.parts
    assert "GPU-0 on host-a: serve" in gpu.text
    assert [part.text.partition(":")[0] for part in gpu.parts] == ["amortization"]
    assert "$744.00 to $0.00 over 1 months" in gpu.parts[0].text
    assert [part.cost_usd for part in requests.parts] == [Decimal("0.4"), Decimal("0.35")]
    assert requests.parts[0].text.startswith("usage.jsonl:3 at 10:00:00: 2,000 uncached input")


@pytest.mark.parametrize("kind", ["own_gpu_idle", "own_gpu_overhead"])
def test_what_nobody_used_goes_down_to_gpus(books: Company, published: Settings, kind: str) -> None:
    node = explain(published, charge(books, kind, "unattributed"))
    parts = [part.cost_usd for part in node.parts if part.cost_usd is not None]
    assert parts
    assert sum(parts) == node.cost_usd


def test_a_request_leads_to_its_charge(books: Company, published: Settings) -> None:
    event_id = books.value("select event_id from fct_usage_events where line_number = 3")
    node = explain(published, str(event_id))
    assert node.cost_usd == Decimal("0.4")
    assert any("own GPUs, used: self_hosted qwen, blue" in text for text in texts(node))


def test_few_are_shown_and_the_rest_is_summed(books: Company, published: Settings) -> None:
    node = explain(published, charge(books, "own_gpu_allocated", "blue"), most=1)
    assert [(part.text, part.cost_usd) for part in node.parts[-1].parts[1:]] == [
        ("1 more", Decimal("0.35"))
    ]


def test_the_tree_is_readable_in_a_terminal(
    books: Company, published: Settings, tmp_path: Path
) -> None:
    console = Console(width=200, record=True, file=(tmp_path / "terminal").open("w"))
    console.print(drawn(explain(published, charge(books, "own_gpu_allocated", "red"))))
    shown = console.export_text()
    assert "own GPUs, used: self_hosted qwen, red, 2026-01-10 10:00 UTC  $0.25" in shown


def test_an_unknown_id_is_told_where_ids_are_found(published: Settings) -> None:
    with pytest.raises(MeterhouseError, match="fct_charges_hourly"):
        explain(published, "0123456789abcdef")
