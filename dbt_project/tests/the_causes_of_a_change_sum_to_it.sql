-- Exactly, and what rounding leaves over is less than a billionth of the cost.
with
    drivers as (select * from {{ ref("fct_cost_drivers") }}),

    summed as (
        select
            scope_kind,
            team_id,
            period_kind,
            to_period_start_date,
            vintage,
            to_cost_usd - from_cost_usd as difference_usd,
            to_tokens - from_tokens as difference_tokens,
            greatest(to_cost_usd, from_cost_usd) as larger_usd,
            greatest(to_tokens, from_tokens) as larger_tokens,
            sum(change_usd) as change_usd,
            sum(change_tokens) as change_tokens,
            sum(change_usd) filter (driver = 'residual') as residual_usd,
            sum(change_tokens) filter (driver = 'residual') as residual_tokens
        from drivers
        group by
            scope_kind,
            team_id,
            period_kind,
            to_period_start_date,
            vintage,
            to_cost_usd,
            from_cost_usd,
            to_tokens,
            from_tokens
    )

select *
from summed
where
    change_usd is distinct from difference_usd
    or abs(change_tokens - difference_tokens) > 1e-9 * larger_tokens
    or abs(residual_usd) > 1e-9 * larger_usd
    or abs(residual_tokens) > 1e-9 * larger_tokens
