select *
from {{ ref("fct_bill_reconciliation_monthly") }}
where
    gap_usd is distinct from billed_cost_usd - metered_cost_usd
    or gap_usd
    is distinct from timing_gap_usd
    + volume_gap_usd
    + price_gap_usd
    + unexplained_gap_usd
