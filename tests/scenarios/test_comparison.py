"""Scenario against baseline: what is said sums up, and what is drawn can be opened."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from test_scenarios import drivers, limit

from ingest.errors import MeterhouseError
from pipelines.scenarios import Scenario
from pipelines.scenarios.chart import write_chart
from pipelines.scenarios.comparison import Comparison, compare
from pipelines.scenarios.report import tables
from pipelines.scenarios.shocks import Adoption, Change, NewTeam, QuotaChange, Shock

SCENARIO = Scenario(
    name="more of everything",
    shock=[
        Change(driver="input_tokens", multiplier=2, team="blue"),
        Change(driver="price", multiplier=0.5, provider="openai"),
        NewTeam(new_team="green", like_team="blue"),
        QuotaChange(quota_id="q", limit_value=8000),
    ],
)


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compare(drivers(), SCENARIO, [limit(5000)], {"price": (0.9, 1.2), "requests": (0.5, 2)})


def test_what_the_shocks_add_is_the_whole_difference(found: Comparison) -> None:
    usd, tokens, *_ = found.totals
    assert sum(effect.usd for effect in found.effects) == pytest.approx(
        usd.scenario[1] - usd.baseline[1]
    )
    assert sum(effect.tokens for effect in found.effects) == pytest.approx(
        tokens.scenario[1] - tokens.baseline[1]
    )
    # blue: 300 more tokens a day for 40 days; green the same 700 as blue
    assert [effect.tokens for effect in found.effects] == pytest.approx([12_000, 0, 28_000, 0])


def test_the_causes_sum_to_the_difference_whatever_the_order_of_the_shocks(
    found: Comparison,
) -> None:
    usd, tokens, *_ = found.totals
    assert sum(cause.usd for cause in found.causes) == pytest.approx(
        usd.scenario[1] - usd.baseline[1]
    )
    assert sum(cause.tokens for cause in found.causes) == pytest.approx(
        tokens.scenario[1] - tokens.baseline[1]
    )
    turned = Scenario(name="turned", shock=SCENARIO.shock[1::-1] + SCENARIO.shock[2:])
    again = compare(drivers(), turned, [], {})
    assert [cause.usd for cause in again.causes] == pytest.approx(
        [cause.usd for cause in found.causes]
    )


def test_one_driver_is_one_cause() -> None:
    def causes(*shocks: Shock) -> dict[str, tuple[float, float]]:
        found = compare(drivers(), Scenario(name="one", shock=list(shocks)), [], {})
        return {
            cause.name: (round(cause.usd, 9), round(cause.tokens, 6))
            for cause in found.causes
            if abs(cause.usd) > 1e-9 or abs(cause.tokens) > 1e-6
        }

    # 800 cloud requests cost 30 x $2 and 10 x $10 a million tokens each: $0.128 in all
    cheaper = causes(Change(driver="price", multiplier=0.5, provider="openai"))
    assert cheaper == {"price": (-0.064, 0)}
    longer = causes(Change(driver="input_tokens", multiplier=2, provider="openai"))
    assert longer == {"tokens per request": (0.048, 24_000)}
    assert causes(Change(driver="requests", multiplier=1.5)) == {"requests": (0.064, 24_000)}
    new = Adoption(
        model="gpt-x",
        new_model="gpt-z",
        new_provider="openai",
        share_ratio=1.0,
        input_usd_per_million=5.0,
        output_usd_per_million=25.0,
    )
    moved = causes(new)
    assert moved.keys() == {"model entry", "model exit"}
    assert sum(usd for usd, _ in moved.values()) == pytest.approx(0.192)


def test_the_widest_swing_comes_first(found: Comparison) -> None:
    assert [swing.driver for swing in found.swings] == ["requests", "price"]
    price = found.swings[1]
    cloud = found.totals[0].scenario[1] - 5 * 40
    assert price.high_usd - price.low_usd == pytest.approx(0.3 * cloud)


def test_the_stress_is_where_the_limit_is_just_passed(found: Comparison) -> None:
    # ten days are left: 10 x (600 k + 100) tokens are 8,000 at k = 7 / 6
    assert found.stress["q"] == pytest.approx(7 / 6)


def test_every_table_is_printed_with_the_quota_and_the_shocks(found: Comparison) -> None:
    console = Console(width=200, record=True, file=StringIO())
    for table in tables(SCENARIO.name, found, 40):
        console.print(table)
    text = console.export_text()
    assert "5,000 -> 8,000" in text
    assert "0% -> 0%" not in text
    assert "input tokens x 2, blue" in text
    assert "team green, 1 x blue" in text
    assert "x 1.17" in text


@pytest.mark.parametrize("kind", ["svg", "png", "html"])
def test_the_curves_are_drawn(found: Comparison, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"curves.{kind}"
    write_chart(file, SCENARIO.name, found, drivers())
    content = file.read_bytes()
    if kind == "svg":
        assert b"more of everything" in content
    elif kind == "png":
        assert content.startswith(b"\x89PNG")
    else:
        assert b"https://cdn" not in content
        assert b"more of everything" in content


def test_another_suffix_is_refused(found: Comparison, tmp_path: Path) -> None:
    with pytest.raises(MeterhouseError, match="png"):
        write_chart(tmp_path / "curves.pdf", SCENARIO.name, found, drivers())
