"""FOCUS columns by name, whatever their spelling and order, and the version they tell."""

from collections.abc import Mapping, Sequence
from typing import Final

# Canonical column -> FOCUS columns; the first that a file has counts.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    # ProviderName was renamed in 1.3 and left in 1.4; PublisherName has no successor.
    "service_provider_name": ("ServiceProviderName", "ProviderName"),
    "host_provider_name": ("HostProviderName",),
    "invoice_issuer_name": ("InvoiceIssuerName", "InvoiceIssuer"),
    "invoice_id": ("InvoiceId",),
    "billing_account_id": ("BillingAccountId",),
    "billing_account_name": ("BillingAccountName",),
    "sub_account_id": ("SubAccountId",),
    "sub_account_name": ("SubAccountName",),
    "billing_period_start": ("BillingPeriodStart",),
    "billing_period_end": ("BillingPeriodEnd",),
    "charge_period_start": ("ChargePeriodStart",),
    "charge_period_end": ("ChargePeriodEnd",),
    "charge_category": ("ChargeCategory",),
    "charge_class": ("ChargeClass",),
    "charge_description": ("ChargeDescription",),
    "charge_frequency": ("ChargeFrequency",),
    "service_category": ("ServiceCategory",),
    "service_subcategory": ("ServiceSubcategory",),
    "service_name": ("ServiceName",),
    "region_id": ("RegionId",),
    "region_name": ("RegionName",),
    "resource_id": ("ResourceId",),
    "resource_name": ("ResourceName",),
    "resource_type": ("ResourceType",),
    "sku_id": ("SkuId",),
    "sku_meter": ("SkuMeter",),
    "sku_price_id": ("SkuPriceId",),
    "sku_price_details": ("SkuPriceDetails",),
    "pricing_category": ("PricingCategory",),
    "pricing_unit": ("PricingUnit",),
    "pricing_quantity": ("PricingQuantity",),
    "consumed_unit": ("ConsumedUnit",),
    "consumed_quantity": ("ConsumedQuantity",),
    "billing_currency": ("BillingCurrency",),
    "list_unit_price": ("ListUnitPrice",),
    "contracted_unit_price": ("ContractedUnitPrice",),
    "list_cost": ("ListCost",),
    "contracted_cost": ("ContractedCost",),
    "billed_cost": ("BilledCost",),
    "effective_cost": ("EffectiveCost",),
    "commitment_discount_id": ("CommitmentDiscountId",),
    "commitment_discount_status": ("CommitmentDiscountStatus",),
    "tags": ("Tags",),
}
# Without these a file is not FOCUS cost and usage: mandatory in every version.
MANDATORY: Final = (
    "charge_period_start",
    "billed_cost",
    "effective_cost",
    "billing_account_id",
    "billing_period_start",
    "billing_currency",
)
# The first version that has a column, newest first.
SINCE: Final = (
    ("1.4", ("InvoiceDetailId", "CommitmentProgramEligibilityDetails")),
    (
        "1.3",
        (
            "ServiceProviderName",
            "HostProviderName",
            "AllocatedMethodId",
            "AllocatedMethodDetails",
            "AllocatedResourceId",
            "AllocatedResourceName",
            "AllocatedTags",
            "ContractApplied",
        ),
    ),
    (
        "1.2",
        (
            "InvoiceId",
            "BillingAccountType",
            "SubAccountType",
            "PricingCurrency",
            "PricingCurrencyContractedUnitPrice",
            "PricingCurrencyEffectiveCost",
            "PricingCurrencyListUnitPrice",
        ),
    ),
    (
        "1.1",
        (
            "CapacityReservationId",
            "CapacityReservationStatus",
            "CommitmentDiscountQuantity",
            "CommitmentDiscountUnit",
            "ServiceSubcategory",
            "SkuMeter",
            "SkuPriceDetails",
        ),
    ),
)


def folded(name: str) -> str:
    """A column's name without case and underscores: databases write BILLED_COST."""
    return name.casefold().replace("_", "")


def focus_columns(names: Sequence[str]) -> dict[str, str]:
    """Canonical column -> name of the file's column, for those that the file has."""
    found = {folded(name): name for name in names if not name.startswith("x_")}
    columns = {}
    for canonical, spellings in COLUMNS.items():
        name = next((found[folded(one)] for one in spellings if folded(one) in found), None)
        if name is not None:
            columns[canonical] = name
    return columns


def focus_version(names: Sequence[str]) -> str:
    """The oldest version that has all these columns; 1.4 alone has no ProviderName."""
    found = {folded(name) for name in names}
    for version, columns in SINCE:
        if any(folded(column) in found for column in columns):
            is_last = version == "1.3" and folded("ProviderName") not in found
            return "1.4" if is_last else version
    return "1.0"
