-- What units of each quota measure cost in the last 28 days: rows without a known cost left out.
with
    costs as (
        select *
        from fct_token_costs_daily
        where
            usage_date > (select max(usage_date) from fct_token_costs_daily) - 28
            and effective_cost_usd is not null
    ),
    gpus as (
        select *
        from fct_gpu_allocations_hourly
        where
            usage_date > (select max(usage_date) from fct_gpu_allocations_hourly) - 28
            and allocation_status = 'allocated'
    ),
    spent as (
        select
            'tokens' as measure,
            team_id,
            provider_name,
            model_name,
            total_tokens - unpriced_tokens as amount,
            effective_cost_usd as usd
        from costs
        union all
        select 'requests', team_id, provider_name, model_name, request_count, effective_cost_usd
        from costs
        union all
        select 'input_tokens', team_id, provider_name, model_name, input_tokens, input_cost_usd
        from costs
        union all
        select 'output_tokens', team_id, provider_name, model_name, output_tokens, output_cost_usd
        from costs
        union all
        select
            'gpu_hours',
            coalesce(team_id, 'unattributed'),
            'self_hosted',
            coalesce(model_name, ''),
            gpu_hours,
            direct_cost_usd + overhead_cost_usd
        from gpus
    )
select
    measure,
    team_id,
    provider_name,
    model_name,
    sum(amount)::double as amount,
    sum(usd)::double as usd
from spent
group by all
