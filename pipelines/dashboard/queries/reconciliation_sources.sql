-- One row for each month, account, pair of sources and reason.
select
    date_trunc('month', usage_date)::date as month,
    account_id as account,
    counted_source as counted,
    reconciling_source || ' (' || replace(reconciling_role, '_', ' ') || ')' as other,
    replace(reason, '_', ' ') as reason,
    count(*) as days,
    sum(difference_tokens)::bigint as tokens,
    sum(counted_cost_usd) as counted_usd,
    sum(reconciling_cost_usd) as other_usd,
    sum(difference_usd) as difference_usd
from fct_reconciliation_daily
where usage_date between $chart_first and $last
group by all
order by month desc, account, counted, other, reason
