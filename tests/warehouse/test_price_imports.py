"""A newer price list changes the future; the past changes only when it is restated."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from warehouse_factory import Company, event, moment

from pipelines import price_book
from pipelines.price_import import import_prices
from pipelines.prices import hand_over
from pipelines.settings import Settings

YESTERDAY, TODAY = moment("2026-11-24 12:00"), moment("2026-11-25 12:00")
COSTS = "select usage_date, contracted_cost_usd from fct_usage_events order by all"


def provider(prices: Any) -> list[dict[str, Any]]:
    """A list of genai-prices with one model."""
    model = {"id": "gpt-x", "match": {"equals": "gpt-x"}, "prices": prices}
    listed = {"id": "openai", "name": "OpenAI", "api_pattern": "https://api", "models": [model]}
    return [listed]


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, project: Path
) -> dict[str, tuple[Company, list[str]]]:
    """The company before an import, after it and after a restatement, with its facts of then."""
    folder = tmp_path_factory.mktemp("imports")
    company = Company.found(folder / "data", project)
    company.match_prices([("openai", "gpt-x", "openai", "gpt-x")])
    company.land(
        "usage_events",
        "litellm",
        "calls.jsonl",
        [
            event(
                name,
                started_at,
                provider_name="openai",
                response_model="gpt-x",
                uncached_input_tokens=1000,
                other_output_tokens=100,
            )
            for name, started_at in (("yesterday", YESTERDAY), ("today", TODAY))
        ],
    )
    stages = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(price_book, "SEED", project / "seeds" / "list_prices.csv")
        company.dbt("seed")
        stages["before"] = _rebuilt(company, folder / "before")
        newer = folder / "newer.json"
        newer.write_text(json.dumps(provider({"input_mtok": 3, "output_mtok": 5})))
        _import(company, newer, moment("2026-11-25 09:00"), effective=date(2026, 11, 25))
        stages["imported"] = _rebuilt(company, folder / "imported")
        _import(
            company,
            newer,
            moment("2026-11-26 09:00"),
            effective=date(2026, 11, 24),
            restate=True,
        )
        stages["restated"] = _rebuilt(company, folder / "restated")
    return stages


def _import(company: Company, path: Path, now: Any, **options: Any) -> None:
    settings = Settings(data=company.data)
    imported = import_prices(settings, path, now=now, **options)
    assert imported.written is not None
    hand_over(settings, [("openai", "gpt-x")])
    company.match_prices([("openai", "gpt-x", "openai", "gpt-x")])


def _rebuilt(company: Company, folder: Path) -> tuple[Company, list[str]]:
    company.dbt("run", "--full-refresh", "--select", "+fct_usage_events", "+dim_sku_prices")
    return company.copied(folder), company.rows("fct_usage_events")


def _of(rows: list[str], day: str) -> list[str]:
    found = [row for row in rows if f"datetime.date({day})" in row]
    assert len(found) == 1
    return found


def test_an_import_leaves_every_byte_of_yesterday(
    built: dict[str, tuple[Company, list[str]]],
) -> None:
    before, after = (built[stage][1] for stage in ("before", "imported"))
    assert _of(before, "2026, 11, 24") == _of(after, "2026, 11, 24")
    assert _of(before, "2026, 11, 25") != _of(after, "2026, 11, 25")


def test_an_import_prices_its_first_day(built: dict[str, tuple[Company, list[str]]]) -> None:
    # 1,000 x 1 + 100 x 4, then 1,000 x 3 + 100 x 5, all / 1,000,000
    company, _ = built["imported"]
    assert [(str(day), str(cost)) for day, cost in company.query(COSTS)] == [
        ("2026-11-24", "0.001400000000"),
        ("2026-11-25", "0.003500000000"),
    ]


def test_a_restatement_changes_published_days_and_keeps_what_was_believed(
    built: dict[str, tuple[Company, list[str]]],
) -> None:
    company, _ = built["restated"]
    assert [str(cost) for _, cost in company.query(COSTS)] == ["0.003500000000"] * 2
    # what the price of 24 November was believed to be, and from when to when
    believed = company.query(
        "select uncached_input_unit_price_usd * 1000000, cast(believed_from as date),"
        " cast(believed_to as date) from dim_prices where model_name = 'gpt-x'"
        " and valid_from <= date '2026-11-24'"
        " and (valid_to is null or valid_to > date '2026-11-24')"
        " order by believed_from"
    )
    assert [(int(price), str(start), str(end)) for price, start, end in believed] == [
        (1, "1970-01-01", "2026-11-25"),
        (1, "2026-11-25", "2026-11-26"),
        (3, "2026-11-26", "None"),
    ]


def test_sql_and_the_command_believe_the_same_periods(
    built: dict[str, tuple[Company, list[str]]], project: Path
) -> None:
    company, _ = built["restated"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(price_book, "SEED", project / "seeds" / "list_prices.csv")
        book = price_book.read_book(Settings(data=company.data))
    by_command = {
        (*key, period.valid_from, period.valid_to)
        for key, timeline in price_book.timelines(book).items()
        for period in timeline
    }
    by_sql = company.query(
        "select distinct provider_name, model_name, service_tier, valid_from, valid_to"
        " from intermediate.int_list_prices_bounded"
    )
    assert by_command == set(by_sql)
