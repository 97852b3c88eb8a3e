select *
from {{ ref("focus_cost_and_usage_1_4") }}
where
    "ListCost" != "ListUnitPrice" * "PricingQuantity"
    or "ContractedCost" != "ContractedUnitPrice" * "PricingQuantity"
