-- Of every current comparison; an older vintage shows what the days cost when it was published.
-- The days have no ref: with one, dbt would run this before the comparisons are built, in the run
-- that builds the days.
with
    compared as (
        select distinct
            scope_kind, team_id, to_period_start_date, to_period_end_date, to_cost_usd, to_tokens
        from {{ ref("fct_cost_drivers") }}
        where is_current
    ),

    summed as (
        select
            compared.*,
            coalesce(sum(days.allocation_cost_usd), 0) as days_cost_usd,
            coalesce(sum(days.total_tokens), 0) as days_tokens
        from compared
        left join
            main.fct_token_costs_daily as days
            on days.usage_date >= compared.to_period_start_date
            and days.usage_date < compared.to_period_end_date
            and compared.team_id in ('', days.team_id)
        group by
            compared.scope_kind,
            compared.team_id,
            compared.to_period_start_date,
            compared.to_period_end_date,
            compared.to_cost_usd,
            compared.to_tokens
    )

select *
from summed
where to_cost_usd != days_cost_usd or to_tokens != days_tokens
