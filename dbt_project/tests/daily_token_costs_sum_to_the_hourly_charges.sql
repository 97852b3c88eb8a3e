with
    hourly as (
        select usage_date, sum(effective_cost_usd) as cost_usd, sum(total_tokens) as tokens
        from {{ ref("fct_charges_hourly") }}
        group by usage_date
    ),

    daily as (
        select usage_date, sum(effective_cost_usd) as cost_usd, sum(total_tokens) as tokens
        from {{ ref("fct_token_costs_daily") }}
        group by usage_date
    )

select
    usage_date,
    hourly.cost_usd,
    daily.cost_usd as daily_cost_usd,
    hourly.tokens,
    daily.tokens as daily_tokens
from hourly
full join daily using (usage_date)
where hourly.cost_usd is distinct from daily.cost_usd or hourly.tokens is distinct from daily.tokens
