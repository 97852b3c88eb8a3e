-- Over all days what was paid for credits is effective, expired or still prepaid, and no balance is
-- below zero.
with
    balances as (select * from {{ ref("fct_credit_balance_daily") }}),

    used as (
        select credit_id, sum(billed_cost_usd) as used_billed_cost_usd
        from {{ ref("int_credit_uses") }}
        group by credit_id
    ),

    summed as (
        select
            credit_id,
            sum(billed_cost_usd) as billed_cost_usd,
            sum(effective_cost_usd + expired_cost_usd) as consumed_cost_usd,
            arg_max(prepaid_balance_usd, usage_date) as prepaid_balance_usd,
            min(closing_credits) as lowest_credits
        from balances
        group by credit_id
    )

select summed.*
from summed
left join used on summed.credit_id = used.credit_id
where
    billed_cost_usd - coalesce(used_billed_cost_usd, 0) != consumed_cost_usd + prepaid_balance_usd
    or lowest_credits < 0
