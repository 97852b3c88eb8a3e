"""AWS CUR 2.0 columns under FOCUS names, with the charge category and the effective cost.

Both follow from the type of the line item. What a savings plan or a reservation covers costs its
share of the commitment; the rest of a recurring fee is what the commitment left unused; and what
takes an on-demand price back, or pays in advance, costs nothing of its own.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
import polars as pl

from ingest.schema import MONEY

TYPE: Final = "line_item_line_item_type"
UNBLENDED: Final = "line_item_unblended_cost"
RENAMED: Final[Mapping[str, str]] = {
    "InvoiceIssuerName": "bill_invoicing_entity",
    "InvoiceId": "bill_invoice_id",
    "BillingAccountId": "bill_payer_account_id",
    "BillingAccountName": "bill_payer_account_name",
    "SubAccountId": "line_item_usage_account_id",
    "SubAccountName": "line_item_usage_account_name",
    "BillingPeriodStart": "bill_billing_period_start_date",
    "BillingPeriodEnd": "bill_billing_period_end_date",
    "ChargePeriodStart": "line_item_usage_start_date",
    "ChargePeriodEnd": "line_item_usage_end_date",
    "ChargeDescription": "line_item_line_item_description",
    "ResourceId": "line_item_resource_id",
    "SkuId": "product_sku",
    "SkuMeter": "line_item_usage_type",
    "SkuPriceId": "pricing_rate_code",
    "PricingUnit": "pricing_unit",
    "PricingQuantity": "line_item_usage_amount",
    "BillingCurrency": "line_item_currency_code",
    "ListUnitPrice": "pricing_public_on_demand_rate",
    "ListCost": "pricing_public_on_demand_cost",
    "BilledCost": UNBLENDED,
    "Tags": "resource_tags",
}
CATEGORIES: Final[Mapping[str, str]] = {
    "Usage": "Usage",
    "DiscountedUsage": "Usage",
    "SavingsPlanCoveredUsage": "Usage",
    # Takes the on-demand price of covered usage back, so it belongs to the same sum.
    "SavingsPlanNegation": "Usage",
    "SavingsPlanRecurringFee": "Purchase",
    "SavingsPlanUpfrontFee": "Purchase",
    "RIFee": "Purchase",
    "Fee": "Purchase",
    "Tax": "Tax",
    "Credit": "Credit",
    "Refund": "Credit",
}
ADJUSTMENT: Final = "Adjustment"  # discounts, and types that are newer than this list
COVERED: Final = ("SavingsPlanCoveredUsage", "DiscountedUsage")
WITHOUT_COST: Final = ("SavingsPlanNegation", "SavingsPlanUpfrontFee")
COMMITMENT: Final = ("savings_plan_savings_plan_a_r_n", "reservation_reservation_a_r_n")
# Beside the columns that FOCUS names need, a report without these cannot be translated.
MANDATORY: Final = (TYPE, UNBLENDED)


def with_focus_names(cells: pl.DataFrame) -> pl.DataFrame:
    """Cells of CUR 2.0 under FOCUS names; columns without one keep theirs.

    Args:
        cells: Texts, with MANDATORY; any other column may be absent.
    """
    found = {new: old for new, old in RENAMED.items() if old in cells.columns}
    product = _product(cells)
    added = cells.with_columns(
        pl.col(TYPE).replace_strict(CATEGORIES, default=ADJUSTMENT).alias("ChargeCategory"),
        _effective(cells.columns).cast(pl.String).alias("EffectiveCost"),
        pl.lit("AWS").alias("ServiceProviderName"),
        pl.lit("AWS").alias("HostProviderName"),
        pl.coalesce(product.get("product_name", NULL), "line_item_product_code").alias(
            "ServiceName"
        )
        if "line_item_product_code" in cells.columns
        else product.get("product_name", NULL).alias("ServiceName"),
        pl.coalesce(
            *(pl.col(name) for name in ("product_region_code",) if name in cells.columns),
            product.get("region_code", NULL),
            product.get("region", NULL),
        ).alias("RegionId"),
        _commitment(cells.columns).alias("CommitmentDiscountId"),
        pl.when(pl.col(TYPE).is_in(COVERED)).then(pl.lit("Used")).alias("CommitmentDiscountStatus"),
    )
    kept = [name for name in added.columns if name not in found.values() and name not in found]
    return added.select(
        *kept, *(pl.col(old).alias(new) for new, old in found.items())
    ).with_columns(
        pl.col(new).alias(copy)
        for copy, new in (("ConsumedUnit", "PricingUnit"), ("ConsumedQuantity", "PricingQuantity"))
        if new in found
    )


NULL: Final = pl.lit(None, pl.String)


def _amount(name: str, columns: list[str]) -> pl.Expr:
    """A column's amount; NULL where the report has not the column."""
    if name not in columns:
        return pl.lit(None, MONEY)
    return pl.col(name).replace("", None).cast(MONEY, strict=False)


def _effective(columns: list[str]) -> pl.Expr:
    kind = pl.col(TYPE)
    is_upfront = (kind == "Fee") & _commitment(columns).is_not_null()
    unused_plan = _amount("savings_plan_total_commitment_to_date", columns) - _amount(
        "savings_plan_used_commitment", columns
    )
    unused_reservation = _amount(
        "reservation_unused_amortized_upfront_fee_for_billing_period", columns
    ) + _amount("reservation_unused_recurring_fee", columns)
    return (
        pl.when(kind.is_in(WITHOUT_COST) | is_upfront)
        .then(pl.lit(0).cast(MONEY))
        .when(kind == "SavingsPlanCoveredUsage")
        .then(_amount("savings_plan_savings_plan_effective_cost", columns))
        .when(kind == "DiscountedUsage")
        .then(_amount("reservation_effective_cost", columns))
        .when(kind == "SavingsPlanRecurringFee")
        .then(unused_plan)
        .when(kind == "RIFee")
        .then(unused_reservation)
        .otherwise(_amount(UNBLENDED, columns))
    )


def _commitment(columns: list[str]) -> pl.Expr:
    arns = [pl.col(name).replace("", None) for name in COMMITMENT if name in columns]
    return pl.coalesce(*arns) if arns else NULL


def _product(cells: pl.DataFrame) -> dict[str, pl.Expr]:
    """Names in the `product` map, as literals by row; they are few, so each map is read once."""
    if "product" not in cells.columns:
        return {}
    distinct = cells["product"].drop_nulls().unique()
    maps = [_map(text) for text in distinct]
    return {
        name: pl.col("product").replace_strict(
            distinct,
            pl.Series([found.get(name) for found in maps], dtype=pl.String),
            default=None,
        )
        for name in ("product_name", "region_code", "region")
    }


def _map(text: str) -> dict[str, str]:
    try:
        found = msgspec.json.decode(text)
        if isinstance(found, list):
            found = {pair["key"]: pair["value"] for pair in found}
    except (msgspec.MsgspecError, KeyError, TypeError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}
