"""The price book against genai-prices' own arithmetic, and what imports take from files."""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from genai_prices import Usage
from genai_prices.data import providers

from ingest.errors import MeterhouseError
from pipelines import price_lookup
from pipelines.price_book import PRICE_COLUMNS, read_book, timelines
from pipelines.price_changes import new_periods
from pipelines.price_import import import_prices
from pipelines.price_lookup import price_table
from pipelines.price_sheets import TIERS
from pipelines.prices import compile_list_prices, match_models
from pipelines.settings import Settings

NOW = datetime.fromisoformat("2026-11-25 09:00:00")
MOMENTS = [datetime.fromisoformat(text) for text in ("2025-05-01 00:29", "2026-11-20 12:00")]
PARENTS = {
    "cache_read_input": "uncached_input",
    "cache_write_input": "uncached_input",
    "cache_write_1h_input": "cache_write_input",
    "reasoning_output": "output",
}
# Usage of genai-prices, whose totals include their parts, and the same tokens class by class.
USAGE = Usage(
    input_tokens=150_700,
    cache_read_tokens=40_000,
    cache_write_tokens=700,
    cache_write_1h_tokens=300,
    output_tokens=900,
    output_reasoning_tokens=400,
)
TOKENS = {
    "uncached_input": 110_000,
    "cache_read_input": 40_000,
    "cache_write_input": 400,
    "cache_write_1h_input": 300,
    "output": 500,
    "reasoning_output": 400,
}


@pytest.fixture(scope="module")
def book() -> pl.DataFrame:
    return read_book()


def test_the_installed_release_asks_nothing_that_the_committed_book_does_not(
    book: pl.DataFrame,
) -> None:
    assert new_periods(book, compile_list_prices(), date(2026, 11, 25)).is_empty()


@pytest.mark.parametrize("tier", ["standard", *TIERS])
def test_the_book_asks_what_genai_prices_asks(book: pl.DataFrame, tier: str) -> None:
    rows = defaultdict(list)
    for row in book.filter(pl.col("service_tier") == tier).iter_rows(named=True):
        rows[row["provider_name"], row["model_name"]].append(row)
    compared = 0
    for provider in providers:
        for model in provider.models:
            for moment in MOMENTS:
                row = _row(rows[provider.id, model.id], moment)
                if row is None or row["output_unit_price_usd"] is None:
                    continue
                if row["request_unit_price_usd"] is not None:
                    continue
                context = dict(TIERS.get(tier, {}))
                asked = model.calc_price(
                    USAGE,
                    provider,
                    genai_request_timestamp=moment,
                    price_context=context or None,
                ).total_price
                assert abs(_cost(row) - asked) < Decimal("1e-9"), (provider.id, model.id, moment)
                compared += 1
    assert compared > (2000 if tier == "standard" else 15)


def _row(rows: list[dict[str, Any]], moment: datetime) -> dict[str, Any] | None:
    minute = moment.hour * 60 + moment.minute
    held = [
        row
        for row in rows
        if row["valid_from"] <= moment.date()
        and (row["valid_to"] is None or moment.date() < row["valid_to"])
        and row["window_start_minute"] <= minute < row["window_end_minute"]
        and row["context_threshold_tokens"] < sum(TOKENS.values()) - 900
    ]
    return max(held, key=lambda row: row["context_threshold_tokens"], default=None)


def _cost(row: dict[str, Any]) -> Decimal:
    return sum(
        (tokens * (_price(row, name) or Decimal(0)) for name, tokens in TOKENS.items()), Decimal(0)
    )


def _price(row: dict[str, Any], name: str) -> Decimal | None:
    own = row[f"{name}_unit_price_usd"]
    return own if own is not None or name not in PARENTS else _price(row, PARENTS[name])


def listed(*models: dict[str, Any], provider: str = "openai") -> list[dict[str, Any]]:
    named = [{"match": {"equals": model["id"]}, **model} for model in models]
    return [{"id": provider, "name": "x", "api_pattern": "https://x", "models": named}]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path)


def test_the_same_list_twice_is_nothing_new(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text(json.dumps(listed({"id": "gpt-5", "prices": {"input_mtok": 1.5}})))
    first = import_prices(settings, path, now=NOW)
    again = import_prices(settings, path, now=NOW + timedelta(days=3))
    assert (first.changed, first.added, again.written) == (1, 0, None)
    assert len(list(settings.prices.iterdir())) == 1


def test_only_the_tier_that_changed_gets_a_period(settings: Settings, tmp_path: Path) -> None:
    model = next(m for p in providers if p.id == "openai" for m in p.models if m.id == "gpt-5")
    assert model.price_variants
    path = tmp_path / "data.json"
    variants = [{"when": {"processing": "batch"}, "prices": {"input_mtok": 0.5}}]
    prices = {"input_mtok": 1.25, "cache_read_mtok": 0.125, "output_mtok": 10}
    prices |= {"web_searches_kcount": 10, "storage_searches_kcount": 2.5}
    entry = {"id": "gpt-5", "prices": prices, "price_variants": variants}
    path.write_text(json.dumps(listed(entry)))
    written = import_prices(settings, path, now=NOW).written
    assert written is not None
    rows = read_book(settings).filter(pl.col("believed_from") >= NOW)
    assert rows.select("model_name", "service_tier", "valid_from").rows() == [
        ("gpt-5", "batch", date(2026, 11, 25))
    ]


def test_a_price_rise_that_was_called_off_never_comes(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    rise = [
        {"prices": {"input_mtok": 1}},
        {"constraint": {"start_date": "2026-12-01"}, "prices": {"input_mtok": 2}},
    ]
    path.write_text(json.dumps(listed({"id": "m-1", "prices": rise})))
    import_prices(settings, path, now=NOW)
    path.write_text(json.dumps(listed({"id": "m-1", "prices": {"input_mtok": 1}})))
    import_prices(settings, path, now=NOW + timedelta(days=1))
    timeline = timelines(read_book(settings))["openai", "m-1", "standard"]
    asked = [
        (str(period.valid_from), period.sheet[0]["uncached_input_unit_price_usd"] * 1_000_000)
        for period in timeline
    ]
    assert asked == [("2026-11-25", Decimal(1)), ("2026-12-01", Decimal(1))]


def test_a_litellm_list_keeps_what_it_does_not_say(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    entry = {
        "litellm_provider": "anthropic",
        "input_cost_per_token": 4e-06,
        "output_cost_per_token": 2e-05,
    }
    path.write_text(json.dumps({"sample_spec": {}, "claude-sonnet-4-6": entry}))
    imported = import_prices(settings, path, now=NOW)
    assert (imported.file.kind, imported.changed) == ("litellm", 1)
    (row,) = read_book(settings).filter(pl.col("believed_from") >= NOW).iter_rows(named=True)
    per_million = {
        name: row[f"{name}_unit_price_usd"] * 1_000_000
        for name in ("uncached_input", "cache_read_input", "cache_write_1h_input", "output")
    }
    # the cache prices are those of the book
    assert [str(price.normalize()) for price in per_million.values()] == ["4", "0.3", "6", "2E+1"]


@pytest.mark.parametrize(
    ("names", "left_out"),
    [
        # neither is the model's own name, and they do not agree
        (("claude-sonnet-4-20250514", "claude-4-sonnet-20250514"), 1),
        # one of them is
        (("claude-sonnet-4-20250514", "claude-sonnet-4-0"), 0),
    ],
)
def test_litellm_names_of_one_model_must_agree_unless_one_is_its_own(
    settings: Settings, tmp_path: Path, names: tuple[str, str], left_out: int
) -> None:
    path = tmp_path / "prices.json"
    maker = {"litellm_provider": "anthropic"}
    prices = ({"input_cost_per_token": 1e-06}, {"input_cost_per_token": 2e-06})
    path.write_text(json.dumps({n: maker | p for n, p in zip(names, prices, strict=True)}))
    imported = import_prices(settings, path, now=NOW)
    assert len(imported.file.ambiguous) == left_out
    assert (imported.written is None) == bool(left_out)


def test_prices_by_the_hour_are_not_replaced_by_a_list_that_knows_none(
    settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "prices.json"
    entry = {"litellm_provider": "deepseek", "input_cost_per_token": 1e-06}
    path.write_text(json.dumps({"deepseek/deepseek-chat": entry}))
    imported = import_prices(settings, path, now=NOW)
    assert (imported.written, imported.file.ambiguous) == (None, ("deepseek deepseek-chat",))


def test_a_newer_release_adds_periods_and_rewrites_none(book: pl.DataFrame) -> None:
    dearer = compile_list_prices().with_columns(
        uncached_input_unit_price_usd=pl.col("uncached_input_unit_price_usd") * 2,
        believed_from=pl.lit(NOW),
    )
    dearer = dearer.cast({"uncached_input_unit_price_usd": pl.Decimal(18, 12)})
    added = new_periods(book, dearer, date(2026, 11, 25))
    assert added.height > 2000
    assert added.get_column("valid_from").min() == date(2026, 11, 25)


def test_an_imported_model_is_matched_by_its_own_name_alone() -> None:
    seen = [("openai", "gpt-5-2025-08-07"), ("maker", "own-model"), ("maker", "other")]
    assert match_models(seen, [("maker", "Own-Model")]).rows() == [
        ("maker", "own-model", "maker", "Own-Model"),
        ("openai", "gpt-5-2025-08-07", "openai", "gpt-5"),
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ('{"a": 1}', "neither a price list of genai-prices nor of LiteLLM"),
        ('[{"id": 1}]', "not a price list that the installed genai-prices reads"),
    ],
)
def test_a_file_that_is_no_price_list_is_refused(
    settings: Settings, tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text)
    with pytest.raises(MeterhouseError, match=told):
        import_prices(settings, path, now=NOW)
    assert not settings.prices.exists()


def test_an_edited_import_is_named(settings: Settings) -> None:
    settings.prices.mkdir()
    (settings.prices / "broken.csv").write_text("price_id,nonsense\n1,2\n")
    with pytest.raises(MeterhouseError, match=r"prices/broken\.csv cannot be read"):
        read_book(settings)


def test_an_unknown_model_is_answered_with_the_nearest_names(settings: Settings) -> None:
    with pytest.raises(MeterhouseError) as caught:
        price_table(settings, "gpt5o", date(2026, 11, 25), None)
    assert "gpt-5" in caught.value.lines[1]


def test_a_price_is_shown_as_of_a_day(settings: Settings) -> None:
    def shown(day: str) -> list[str]:
        table = price_table(settings, "o3-2025-04-16", date.fromisoformat(day), "openai")
        return [str(cell) for cell in table.columns[4].cells]

    assert shown("2025-05-01")[:3] == ["10", "0.5", "40"]
    assert "8" in shown("2026-01-01")


def test_a_contract_comes_before_the_list_class_by_class(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the contract knows no price of an hour-long write: the list's own holds, not the contract's
    # price of a short one; reasoning has no price of its own and follows the contract's output
    common = {
        "provider_name": "maker",
        "model_name": "m",
        "service_tier": "standard",
        "context_threshold_tokens": 0,
        "window_start_minute": 0,
        "window_end_minute": 1440,
        "valid_from": date(2025, 1, 1),
        "valid_to": None,
        "believed_from": None,
        "price_snapshot": "test",
        **dict.fromkeys(PRICE_COLUMNS),
    }

    def row(source: str, billed_as: str, **prices: str) -> dict[str, Any]:
        amounts = {f"{name}_unit_price_usd": Decimal(amount) for name, amount in prices.items()}
        named = {"price_source": source, "stated_by": source, "billed_as_others": billed_as}
        return {**common, **named, **amounts}

    contract = row(
        "contract",
        "cache_write_1h_input=cache_write_input reasoning_output=output",
        cache_write_input="3",
        cache_write_1h_input="3",
        output="8",
        reasoning_output="8",
    )
    listed = row(
        "list",
        "reasoning_output=output",
        cache_write_input="4",
        cache_write_1h_input="6",
        output="9",
        reasoning_output="9",
    )
    monkeypatch.setattr(price_lookup, "_rows", lambda _: [contract, listed])
    table = price_table(settings, "m", date(2026, 1, 1), None)
    classes, sources = (list(table.columns[column].cells) for column in (3, 5))
    assert dict(zip(classes, sources, strict=True)) == {
        "cache_write_input": "contract contract",
        "cache_write_1h_input": "list list",
        "output": "contract contract",
        "reasoning_output": "contract contract",
    }
