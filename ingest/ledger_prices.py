"""Ledgers of prices: contracts, overrides, uplifts, reservations and exchange rates."""

from typing import Final

from ingest.ledger_columns import Column, Ledger, money, optional, period, ratio

PRICED_CLASSES: Final = (
    "uncached_input",
    "uncached_audio_input",
    "uncached_image_input",
    "uncached_video_input",
    "tool_use_input",
    "cache_read_input",
    "cache_read_audio_input",
    "cache_read_image_input",
    "cache_read_video_input",
    "cache_write_input",
    "cache_write_1h_input",
    "output",
    "reasoning_output",
    "audio_output",
    "image_output",
    "request",
    "web_search",
)
SERVICE_TIERS: Final = ("standard", "batch", "flex", "priority")


def _prices(name: str, id_column: str, id_doc: str, doc: str) -> Ledger:
    return Ledger(
        name=name,
        doc=doc,
        columns=(
            Column(name=id_column, doc=id_doc),
            Column(name="provider_name", doc="Such as openai, anthropic"),
            Column(name="model_name", doc="As the provider names it"),
            Column(name="token_class", choices=PRICED_CLASSES, doc="What the price is for"),
            Column(
                name="service_tier",
                choices=SERVICE_TIERS,
                is_required=False,
                doc="The tier or processing it is for; empty: standard",
            ),
            Column(
                name="context_over_tokens",
                kind="integer",
                is_required=False,
                doc="It holds for requests with more input tokens than this; empty: 0",
            ),
            Column(
                name="price_usd_per_million_tokens",
                kind="decimal",
                places=6,
                is_required=False,
                landed_as="unit_price_usd",
                landed_exponent=-6,
                doc="US dollars for a million tokens; landed as unit_price_usd for one",
            ),
            money(
                "price_usd_per_request",
                "US dollars for one request or one web search",
                places=12,
                is_required=False,
            ),
            *period(),
        ),
    )


PRICES: Final = (
    _prices(
        "contract_prices",
        "contract_id",
        "As the contract is called; may cover many prices",
        "Prices agreed with a provider; they override list prices, class by class.",
    ),
    _prices(
        "price_overrides",
        "override_id",
        "Your own name for it",
        "Prices you state yourself where neither a contract nor the list has one.",
    ),
    Ledger(
        name="regional_uplifts",
        doc="What a region costs more, where the price list does not say it.",
        columns=(
            Column(name="provider_name", doc="Such as anthropic"),
            optional("model_name", "As the provider names it; empty: every model"),
            Column(name="region_name", doc="As the log names the region"),
            ratio("uplift_ratio", "Multiplies list prices, such as 1.1"),
            *period(),
        ),
    ),
    Ledger(
        name="provisioned_throughput",
        doc="Capacity paid by the hour, whether used or not. Its cost is spread over the tokens "
        "that it served; they have no price of their own.",
        columns=(
            Column(name="reservation_id", doc="As the provider calls it, unique"),
            Column(name="provider_name", doc="Such as azure.ai.openai"),
            Column(name="model_name", doc="As the logs name the model"),
            Column(name="unit_count", kind="integer", doc="Units reserved, such as PTUs"),
            money("hourly_price_usd_per_unit", "US dollars per unit and hour", places=6),
            Column(name="started_at", kind="timestamp", doc="When it begins to cost"),
            Column(
                name="ended_at",
                kind="timestamp",
                is_required=False,
                doc="When it ends; empty: still held",
            ),
        ),
    ),
    Ledger(
        name="fx_rates",
        doc="What other currencies were worth. A rate holds until the next one of its currency.",
        columns=(
            Column(name="currency_code", doc="ISO 4217, such as EUR"),
            Column(
                name="usd_per_unit", kind="decimal", places=9, doc="US dollars for one unit of it"
            ),
            Column(name="valid_from", kind="date", doc="First day, from 00:00 UTC"),
        ),
    ),
)
