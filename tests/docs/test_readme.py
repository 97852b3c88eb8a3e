"""What the documentation says is what runs."""

import gzip
import json
import re
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from typer.testing import CliRunner

from data.simulator import simulate
from pipelines.cli import app
from pipelines.reference import README, generated_parts, with_part
from pipelines.settings import REPOSITORY

TEXT = README.read_text(encoding="utf-8")


def part(name: str) -> str:
    return TEXT.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0]


def worked_request() -> list[tuple[int, Decimal, Decimal]]:
    """(tokens, USD per million, USD) of each class in the README's table."""
    rows = re.findall(r"^\| [\w ,]+ \| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \|$", part("request"), re.M)
    return [(int(t.replace(",", "")), Decimal(p), Decimal(c)) for t, p, c in rows]


def test_the_worked_request_adds_up() -> None:
    rows = worked_request()
    assert len(rows) == 4
    for tokens, price, cost in rows:
        assert tokens * price * Decimal("0.000001") == cost
    assert f"**{sum(cost for _, _, cost in rows)}**" in part("request")


def test_the_worked_request_is_line_11_of_the_log_it_names(tmp_path) -> None:
    company = tmp_path / "company"
    simulate(company, days=1)
    log = company / "inputs/litellm/gateway-1/spend_logs_2026-05-18.ndjson.gz"
    row = json.loads(gzip.decompress(log.read_bytes()).splitlines()[10])
    usage = row["metadata"]["usage_object"]
    details = usage["prompt_tokens_details"]
    cached, written = details["cached_tokens"], details["cache_creation_tokens"]
    tokens = [row["prompt_tokens"] - cached - written, cached, written, row["completion_tokens"]]
    assert tokens == [t for t, _, _ in worked_request()]

    prices = pl.read_csv(company / "ledgers/contract_prices.csv", infer_schema=False).filter(
        pl.col("model_name") == "claude-sonnet-4-6", pl.col("valid_from") <= str(date(2026, 5, 18))
    )
    by_class = dict(prices.select("token_class", "price_usd_per_million_tokens").iter_rows())
    classes = ["uncached_input", "cache_read_input", "cache_write_input", "output"]
    assert [Decimal(by_class[c]) for c in classes] == [p for _, p, _ in worked_request()]


@pytest.mark.parametrize("path", generated_parts(), ids=lambda path: path.name)
def test_generated_documentation_is_up_to_date(path) -> None:
    text = path.read_text(encoding="utf-8")
    for name, content in generated_parts()[path].items():
        assert with_part(text, name, content) == text, "run: python -m pipelines.reference"


def test_every_command_in_the_documentation_exists() -> None:
    pages = [README, REPOSITORY / "CONTRIBUTING.md", *(REPOSITORY / "docs").glob("*.md")]
    named = {
        v for page in pages for v in re.findall(r"meterhouse ([a-z][a-z-]+)", page.read_text())
    }
    assert named
    for verb in named:
        assert CliRunner().invoke(app, [verb, "--help"]).exit_code == 0, verb


def test_every_mart_in_the_documentation_exists() -> None:
    marts = {path.stem for path in (REPOSITORY / "dbt_project/models/marts").glob("*.sql")}
    assert set(re.findall(r"`((?:fct|dim)_\w+)`", TEXT)) == marts


def test_every_link_in_the_documentation_leads_somewhere() -> None:
    for page in [README, *(REPOSITORY / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
