"""Requests, prices and costs worked out by hand; each case is named after what it prevents.

Prices are US dollars for a million tokens (a thousand searches), as providers publish them. The
expected costs are literals: no line of this repository computed them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from warehouse_factory import moment

from pipelines.price_book import unit_price

PER = {"request": "0.001", "web_search": "0.001"}


def price(
    model: str,
    *,
    since: str = "2025-01-01",
    until: str | None = None,
    tier: str = "standard",
    over: int = 0,
    window: tuple[int, int] = (0, 1440),
    **per_million: str,
) -> dict[str, Any]:
    """One row of the price book."""
    amounts = {
        f"{name}_unit_price_usd": unit_price(Decimal(amount) * Decimal(PER.get(name, "0.000001")))
        for name, amount in per_million.items()
    }
    return {
        "provider_name": "maker",
        "model_name": model,
        "service_tier": tier,
        "context_threshold_tokens": over,
        "window_start_minute": window[0],
        "window_end_minute": window[1],
        "valid_from": date.fromisoformat(since),
        "valid_to": date.fromisoformat(until) if until else None,
        "believed_from": moment("1970-01-01"),
        "price_snapshot": "golden",
        "price_snapshot_sha256": "1" * 64,
        **amounts,
    }


GPT5 = {"uncached_input": "1.25", "cache_read_input": "0.625", "output": "10"}
FABLE = {
    "uncached_input": "10",
    "cache_read_input": "1",
    "cache_write_input": "12.5",
    "cache_write_1h_input": "20",
    "output": "50",
}

PRICES = (
    price("flat", **GPT5),
    price("tiered", **GPT5),
    price("tiered", over=200_000, uncached_input="2.5", cache_read_input="1.25", output="15"),
    price("flash", uncached_input="1.5", cache_read_input="0.15", output="9"),
    price("fable", **FABLE, web_search="10"),
    price("fable", tier="batch", **{name: str(Decimal(p) / 2) for name, p in FABLE.items()}),
    price("half_agreed", **FABLE),
    price("plain", uncached_input="2.5", output="10"),
    price("deep", uncached_input="2", output="8", reasoning_output="3"),
    price("voice", uncached_input="2.5", uncached_audio_input="40", output="10", audio_output="80"),
    price("o3", until="2025-06-10", uncached_input="10", cache_read_input="2.5", output="40"),
    price("o3", since="2025-06-10", uncached_input="2", cache_read_input="0.5", output="8"),
    price("night", window=(0, 30), uncached_input="0.135", output="0.55"),
    price("night", window=(30, 990), uncached_input="0.27", output="1.1"),
    price("night", window=(990, 1440), uncached_input="0.135", output="0.55"),
    price("served", **GPT5),
    price("served", tier="flex", uncached_input="0.625", cache_read_input="0.3125", output="5"),
    price("served", tier="priority", uncached_input="2.5", cache_read_input="1.25", output="20"),
    price("tiny", uncached_input="0.02", output="0.1"),
    price("local", uncached_input="3", cache_read_input="0.3", output="15"),
    price("asked", uncached_input="1", output="1", request="5"),
    price("half_known", uncached_input="1", output="1"),
    price("reserved", **GPT5),
)

STATED = {"provider_name": "maker", "valid_from": date(2025, 1, 1)}


def ledger_price(model: str, token_class: str, per_million: str, **columns: Any) -> dict[str, Any]:
    """One row of contract_prices or price_overrides."""
    return {
        **STATED,
        "model_name": model,
        "token_class": token_class,
        "unit_price_usd": unit_price(Decimal(per_million) * Decimal("0.000001")),
        **columns,
    }


CONTRACTS = (
    ledger_price("agreed", "uncached_input", "2", contract_id="deal"),
    ledger_price("agreed", "cache_read_input", "0.2", contract_id="deal"),
    ledger_price("agreed", "output", "8", contract_id="deal"),
    ledger_price("half_agreed", "cache_write_input", "8", contract_id="deal"),
    ledger_price("half_agreed", "output", "40", contract_id="deal"),
    ledger_price("plain", "output", "9", contract_id="deal", service_tier="batch"),
)
OVERRIDES = (
    ledger_price("half_known", "audio_output", "80", override_id="mine"),
    # the list has a price for this one: the override is not asked
    ledger_price("half_known", "output", "999", override_id="mine"),
    ledger_price("own_words", "uncached_input", "0.5", override_id="mine"),
    ledger_price("own_words", "output", "1.5", override_id="mine"),
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One request and what it costs.

    Attributes:
        prevents: The failure, with the public report of it where there is one.
        model: A model of PRICES or of the ledgers.
        tokens: Canonical counts.
        cost: US dollars by hand; None: unknown, never zero.
        source: price_source that the fact must name.
        rule: price_rule that the fact must name; empty: not looked at.
        columns: Further canonical columns, such as is_batch.
    """

    prevents: str
    model: str
    tokens: Mapping[str, int]
    cost: str | None
    source: str | None = "list"
    rule: str = ""
    at: str = "2026-01-30 10:00"
    columns: Mapping[str, Any] = field(default_factory=dict)


def counts(uncached: int = 0, output: int = 0, **others: int) -> dict[str, int]:
    """Canonical token columns, the two usual ones by short names."""
    return {"uncached_input_tokens": uncached, "other_output_tokens": output, **others}


CASES = (
    Case(
        prevents="cached tokens billed again as input (litellm 14849)",
        # 5,005 x 1.25 + 257,955 x 0.625 + 1,744 x 10, all / 1,000,000
        model="flat",
        tokens=counts(5_005, 1_744, cache_read_input_tokens=257_955),
        cost="0.184918125",
    ),
    Case(
        prevents="the long-context price missed because cached tokens do not count (litellm 14849)",
        # 5,005 x 2.5 + 257,955 x 1.25 + 1,744 x 15
        model="tiered",
        tokens=counts(5_005, 1_744, cache_read_input_tokens=257_955),
        cost="0.36111625",
        rule="list; more than 200000 input tokens",
    ),
    Case(
        prevents="the long-context price one token too early",
        # 200,000 x 1.25 + 1 x 10
        model="tiered",
        tokens=counts(200_000, 1),
        cost="0.25001",
        rule="list",
    ),
    Case(
        prevents="the long-context price for the tokens beyond the threshold alone",
        # 200,001 x 2.5 + 1 x 15
        model="tiered",
        tokens=counts(200_001, 1),
        cost="0.5000175",
    ),
    Case(
        prevents="6.6 times the cost from cached tokens at full price (agenta 5711)",
        # 1,438 x 1.5 + 24,540 x 0.15 + 13 x 9
        model="flash",
        tokens=counts(1_438, 13, cache_read_input_tokens=24_540),
        cost="0.005955",
    ),
    Case(
        prevents="one-hour cache writes billed as five-minute ones (langfuse plugin 34)",
        # 1,900 x 10 + 4,800,000 x 1 + 533,800 x 20 + 16,300 x 50
        model="fable",
        tokens=counts(
            1_900, 16_300, cache_read_input_tokens=4_800_000, cache_write_1h_input_tokens=533_800
        ),
        cost="16.31",
    ),
    Case(
        prevents="five-minute cache writes billed as one-hour ones (ccusage 899)",
        # the same with 533,800 x 12.5
        model="fable",
        tokens=counts(
            1_900, 16_300, cache_read_input_tokens=4_800_000, cache_write_5m_input_tokens=533_800
        ),
        cost="12.3065",
    ),
    Case(
        prevents="both kinds of cache write under one price (tokentelemetry 86)",
        # 100 x 10 + 1,000 x 12.5 + 3,000 x 20 + 7 x 12.5 (kept for an unknown time) + 10 x 50
        model="fable",
        tokens=counts(
            100,
            10,
            cache_write_5m_input_tokens=1_000,
            cache_write_1h_input_tokens=3_000,
            cache_write_other_input_tokens=7,
        ),
        cost="0.0740875",
    ),
    Case(
        prevents="a batch's cache writes at the standard price",
        # half of everything: 1,000 x 5 + 2,000 x 10 + 100 x 25
        model="fable",
        tokens=counts(1_000, 100, cache_write_1h_input_tokens=2_000),
        cost="0.0275",
        rule="list; tier batch",
        columns={"is_batch": True, "service_tier": "batch"},
    ),
    Case(
        prevents="reasoning tokens billed on top of the output that holds them (litellm 10567)",
        # completion 1,000, of which 800 reasoned: 500 x 2.5 + 1,000 x 10
        model="plain",
        tokens=counts(500, 200, reasoning_output_tokens=800),
        cost="0.01125",
        rule="list; reasoning_output at the price of output",
    ),
    Case(
        prevents="reasoning tokens at the price of output where they have their own",
        # 1,000 x 2 + 2,000 x 8 + 30,000 x 3
        model="deep",
        tokens=counts(1_000, 2_000, reasoning_output_tokens=30_000),
        cost="0.108",
        rule="list",
    ),
    Case(
        prevents="cached tokens free where the list has no price for them",
        # 600 x 2.5 + 400 x 2.5 + 10 x 10
        model="plain",
        tokens=counts(600, 10, cache_read_input_tokens=400),
        cost="0.0026",
        rule="list; cache_read_input at the price of uncached_input",
    ),
    Case(
        prevents="sound billed as text",
        # 100 x 2.5 + 1,000 x 40 + 20 x 10 + 500 x 80
        model="voice",
        tokens=counts(100, 20, uncached_audio_input_tokens=1_000, audio_output_tokens=500),
        cost="0.08045",
    ),
    Case(
        prevents="sound without a price guessed from text",
        model="plain",
        tokens=counts(100, 20, uncached_audio_input_tokens=1_000),
        cost=None,
        source=None,
    ),
    Case(
        prevents="an unknown model for nothing (langfuse 3794, litellm 41780)",
        model="nobody-knows",
        tokens=counts(1_000, 100),
        cost=None,
        source=None,
    ),
    Case(
        prevents="an invented price for another tier (archestra 6906)",
        model="flat",
        tokens=counts(1_000, 100),
        cost=None,
        source=None,
        columns={"service_tier": "priority"},
    ),
    Case(
        prevents="today's price on last year's usage (genai-prices 703, llm-prices 8)",
        # a million of each at 10 and 40
        model="o3",
        tokens=counts(1_000_000, 1_000_000),
        cost="50",
        at="2025-06-09 23:59:59",
    ),
    Case(
        prevents="last year's price on today's usage (agentsview 1516)",
        model="o3",
        tokens=counts(1_000_000, 1_000_000),
        cost="10",
        at="2025-06-10 00:00:00",
    ),
    Case(
        prevents="the day's price by night",
        # 1,000,000 x 0.135 + 1,000,000 x 0.55
        model="night",
        tokens=counts(1_000_000, 1_000_000),
        cost="0.685",
        rule="list; 00:00 to 00:30 UTC",
        at="2026-01-30 00:29:59.999999",
    ),
    Case(
        prevents="the night's price by day",
        model="night",
        tokens=counts(1_000_000, 1_000_000),
        cost="1.37",
        rule="list; 00:30 to 16:30 UTC",
        at="2026-01-30 00:30:00",
    ),
    Case(
        prevents="one of two prices for a day's bucket that spans both",
        model="night",
        tokens=counts(1_000_000, 1_000_000),
        cost=None,
        source=None,
        at="2026-01-30 00:00:00",
        columns={"grain": "bucket_1d"},
    ),
    Case(
        prevents="flex usage at the standard price",
        # 1,000 x 0.625 + 2,000 x 0.3125 + 100 x 5
        model="served",
        tokens=counts(1_000, 100, cache_read_input_tokens=2_000),
        cost="0.00175",
        columns={"service_tier": "flex"},
    ),
    Case(
        prevents="priority usage at the standard price",
        # 1,000 x 2.5 + 2,000 x 1.25 + 100 x 20
        model="served",
        tokens=counts(1_000, 100, cache_read_input_tokens=2_000),
        cost="0.007",
        columns={"service_tier": "priority"},
    ),
    Case(
        prevents="contract prices that bill cached tokens in full (litellm 28009)",
        # 1,000 x 2 + 9,000 x 0.2 + 100 x 8
        model="agreed",
        tokens=counts(1_000, 100, cache_read_input_tokens=9_000),
        cost="0.0046",
        source="contract",
        rule="contract deal",
    ),
    Case(
        prevents="an agreed price of short cache writes on hour-long ones",
        # 500 x 8 and 100 x 40 as agreed, 1,000 x 20 by the list
        model="half_agreed",
        tokens=counts(
            0,
            0,
            cache_write_5m_input_tokens=500,
            cache_write_1h_input_tokens=1_000,
            reasoning_output_tokens=100,
        ),
        cost="0.028",
        source="mixed",
        rule="contract deal + list; reasoning_output at the price of output",
    ),
    Case(
        prevents="a batch contract on standard usage",
        # 1,000 x 2.5 + 100 x 10
        model="plain",
        tokens=counts(1_000, 100),
        cost="0.0035",
    ),
    Case(
        prevents="an override in place of a list price, or the list in place of nothing",
        # 1,000 x 1 + 100 x 1 by the list, 10 x 80 by the override
        model="half_known",
        tokens=counts(1_000, 100, audio_output_tokens=10),
        cost="0.0019",
        source="mixed",
        rule="list + override mine",
    ),
    Case(
        prevents="a model of one's own that stays unknown although its price is stated",
        # 1,000 x 0.5 + 100 x 1.5
        model="own_words",
        tokens=counts(1_000, 100),
        cost="0.00065",
        source="override",
        rule="override mine",
    ),
    Case(
        prevents="web searches for nothing",
        # 100 x 10 + 10 x 50 and 3 x 10 / 1,000
        model="fable",
        tokens=counts(100, 10),
        cost="0.0315",
        columns={"reported_details": '{"server_tool_use.web_search_requests":3}'},
    ),
    Case(
        prevents="web searches for nothing where they have no price",
        model="flat",
        tokens=counts(100, 10),
        cost=None,
        source=None,
        columns={"reported_details": '{"server_tool_use.web_search_requests":1}'},
    ),
    Case(
        prevents="a fee for each request left out",
        # 1,000 x 1 + 100 x 1 and 1 x 5 / 1,000
        model="asked",
        tokens=counts(1_000, 100),
        cost="0.0061",
    ),
    Case(
        prevents="the price of everywhere in a region that costs more",
        # (1,000 x 3 + 2,000 x 0.3 + 100 x 15) x 1.1
        model="local",
        tokens=counts(1_000, 100, cache_read_input_tokens=2_000),
        cost="0.00561",
        rule="list; region eu times 1.1",
        columns={"region_name": "eu"},
    ),
    Case(
        prevents="a region's uplift everywhere",
        # 1,000 x 3 + 2,000 x 0.3 + 100 x 15
        model="local",
        tokens=counts(1_000, 100, cache_read_input_tokens=2_000),
        cost="0.0051",
        columns={"region_name": "us"},
    ),
    Case(
        prevents="cents lost or found by binary fractions",
        # 3 x 0.02 + 7 x 0.1
        model="tiny",
        tokens=counts(3, 7),
        cost="0.00000076",
    ),
    Case(
        prevents="reserved capacity billed by the token",
        # the hour costs 2 x 3.25; 300 of the 1,000 tokens that it served
        model="reserved",
        tokens=counts(200, 100),
        cost="1.95",
        source="provisioned",
        rule="hourly cost of ptu-1 by tokens",
    ),
    Case(
        prevents="reserved capacity billed twice over what it cost",
        # the other 700 tokens
        model="reserved",
        tokens=counts(600, 100),
        cost="4.55",
        source="provisioned",
        at="2026-01-30 10:59:59",
    ),
)


# Reason -> a request of a model and what its log claims that it cost, with that one mistake.
REPORTED: Mapping[str, tuple[str, Mapping[str, int], str]] = {
    # 1,000 x 1.25 + 3,000 x 0.625 + 100 x 10, and a fraction of a thousandth
    "agrees": ("flat", counts(1_000, 100, cache_read_input_tokens=3_000), "0.004126"),
    # 4,000 x 1.25 + 100 x 10
    "cached_tokens_counted_full": (
        "flat",
        counts(1_000, 100, cache_read_input_tokens=3_000),
        "0.006",
    ),
    # 4,000 x 1.25 + 3,000 x 0.625 + 100 x 10
    "cached_tokens_counted_twice": (
        "flat",
        counts(1_000, 100, cache_read_input_tokens=3_000),
        "0.007875",
    ),
    # 1,000 x 1.25 + 100 x 10
    "cached_tokens_left_out": (
        "flat",
        counts(1_000, 100, cache_read_input_tokens=3_000),
        "0.00225",
    ),
    # 100 x 10 + 2,000 x 12.5 + 10 x 50 instead of 2,000 x 20
    "one_hour_writes_as_short_ones": (
        "fable",
        counts(100, 10, cache_write_1h_input_tokens=2_000),
        "0.0265",
    ),
    # 500 x 2.5 + 1,000 x 10 + 800 x 10
    "reasoning_counted_twice": ("plain", counts(500, 200, reasoning_output_tokens=800), "0.01925"),
    # 500 x 2.5 + 200 x 10
    "reasoning_left_out": ("plain", counts(500, 200, reasoning_output_tokens=800), "0.00325"),
    # 300,000 x 1.25 + 100 x 10 instead of 2.5 and 15
    "context_tier_left_out": ("tiered", counts(300_000, 100), "0.376"),
    "price_differs": ("flat", counts(1_000, 100), "0.0042"),
    "no_price": ("nobody-knows", counts(1_000, 100), "0.01"),
}
