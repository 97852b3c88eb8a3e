-- One row per kind of prepaid credit and day, with what was paid for credits apart from what bills
-- charge for their use.
{{ config(materialized="ephemeral") }}
select
    *,
    cast(
        prepaid_balance_usd
        - coalesce(lag(prepaid_balance_usd) over (partition by credit_id order by usage_date), 0)
        + effective_cost_usd
        + expired_cost_usd as decimal(38, 12)
    ) as purchased_cost_usd
from {{ ref("fct_credit_balance_daily") }}
