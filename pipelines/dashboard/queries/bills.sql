-- One row for each month, account and bill.
select
    month_start_date as month,
    account_id as account,
    source,
    metered_cost_usd as metered_usd,
    billed_cost_usd as billed_usd,
    gap_usd,
    timing_gap_usd as timing_usd,
    volume_gap_usd as volume_usd,
    price_gap_usd as price_usd,
    unexplained_gap_usd as unexplained_usd
from fct_bill_reconciliation_monthly
order by month desc, account, source
