"""Ledgers of what could be: options to compare, cloud equivalents, prepaid credits."""

from typing import Final

from ingest.ledger_columns import Column, Ledger, money, optional, period


def _amount(name: str, doc: str, *, places: int = 6) -> Column:
    """An optional quantity that is not money."""
    return Column(name=name, kind="decimal", places=places, is_required=False, doc=doc)


def _whole(name: str, doc: str) -> Column:
    return Column(name=name, kind="integer", is_required=False, doc=doc)


def _usd(name: str, doc: str, *, places: int = 6) -> Column:
    return money(name, doc, places=places, is_required=False)


def _per_million(side: str) -> Column:
    return Column(
        name=f"{side}_price_usd_per_million_tokens",
        kind="decimal",
        places=6,
        is_required=False,
        landed_as=f"{side}_unit_price_usd",
        landed_exponent=-6,
        doc=f"US dollars for a million {side} tokens; landed as {side}_unit_price_usd for one",
    )


OWN_COLUMNS: Final = (
    _usd("purchase_price_usd", "US dollars for one unit, paid at the start", places=2),
    _usd("residual_value_usd", "Value of one unit after the life, US dollars; empty: 0", places=2),
    _whole("life_months", "Months that it is used"),
    _amount("maintenance_ratio_per_year", "Part of the purchase price that a year of it costs"),
    _amount("power_kilowatts", "Power of one unit while it is used, kilowatts"),
    _usd("electricity_price_usd_per_kwh", "US dollars per kilowatt-hour"),
    _usd("cooling_price_usd_per_kwh", "What cooling adds to a kilowatt-hour; empty: 0"),
    _usd("colocation_usd_per_month", "Space for all units, US dollars"),
    _whole(
        "colocation_hours_per_month",
        "Hours that this price is for, such as 720 for 30 days; empty: hours_per_month",
    ),
    _usd(
        "hourly_opex_usd",
        "US dollars for an hour of owning all units, used or not, instead of maintenance, power "
        "and colocation",
    ),
)
API_COLUMNS: Final = (
    _per_million("input"),
    _per_million("output"),
    _amount("output_share_ratio", "Output tokens' part of all tokens", places=12),
)
HOURLY_PRICE: Final = _usd("hourly_price_usd", "US dollars for one unit and hour of use")

TCO: Final = (
    Ledger(
        name="tco_options",
        doc="Ways to get the same tokens, to be compared before buying. In a comparison each "
        "option of the kind own is compared with each of another kind.",
        columns=(
            Column(name="comparison_id", doc="Your own name for the comparison"),
            Column(name="option_id", doc="Your own name for the option, unique in the comparison"),
            Column(
                name="option_kind",
                choices=("own", "cloud_instance", "api"),
                doc="Bought, rented while it is used, or paid by the token",
            ),
            _whole("unit_count", "Units of it, such as GPUs or servers; empty: 1"),
            *OWN_COLUMNS,
            HOURLY_PRICE,
            *API_COLUMNS,
            _amount(
                "tokens_per_second",
                "Tokens a second of all units while they are used; where two options state it, "
                "they are compared at the same tokens, else at the same hours",
                places=3,
            ),
            _amount("use_hours_per_month", "Hours of use a month, of an own option; empty: all"),
            _amount("use_hours_per_day", "Hours of use a day, instead of a month"),
            _whole("hours_per_month", "Hours that a month counts; empty: 730"),
        ),
    ),
    Ledger(
        name="tco_equivalents",
        doc="Which cloud models could have answered what an own model did. Their list price says "
        "what the same tokens would have cost.",
        columns=(
            Column(name="model_name", doc="The own model, as the logs name it"),
            Column(name="equivalent_provider_name", doc="Such as openai, as dim_prices names it"),
            Column(name="equivalent_model_name", doc="As dim_prices names it"),
        ),
    ),
    Ledger(
        name="credit_purchases",
        doc="Prepaid credits: a virtual currency that use is paid in. Of several lots the one "
        "that expires first is used first.",
        columns=(
            Column(name="purchase_id", doc="Your own name for it, unique"),
            Column(name="credit_id", doc="Your own name for the kind of credit; lots share it"),
            Column(name="purchased_date", kind="date", doc="First day on which it can be used"),
            Column(
                name="expires_date",
                kind="date",
                is_required=False,
                doc="First day on which it no longer can; empty: never",
            ),
            Column(name="unit_count", kind="decimal", places=6, doc="Credits bought"),
            money("list_price_usd_per_unit", "List price of one credit, US dollars", places=6),
            money("billed_cost_usd", "What the lot cost, US dollars"),
        ),
    ),
    Ledger(
        name="credit_rates",
        doc="Which lines of bills are paid in credits, and what one use costs. Of several rows "
        "that fit, the one that names the SKU holds.",
        columns=(
            Column(name="credit_id", doc="As credit_purchases names it"),
            Column(name="service_provider_name", doc="As the bill names it"),
            optional("sku_id", "The meter, as the bill names it; empty: any"),
            Column(
                name="credits_per_unit",
                kind="decimal",
                places=6,
                is_required=False,
                doc="Credits for one consumed unit; empty: as the line itself states them "
                "(PricingCurrencyEffectiveCost)",
            ),
            *period(),
        ),
    ),
)
