-- One row per day, provider, model and team, with everything a quota can limit.
-- GPU hours count while allocated. Those of a shared inference service belong to its model and,
-- where the deployment names one, to its team; they are not split among the teams that call it.
with
    costs as (select * from {{ ref("fct_token_costs_daily") }}),

    allocations as (
        select * from {{ ref("fct_gpu_allocations_hourly") }} where allocation_status = 'allocated'
    ),

    tokens_and_money as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            total_tokens as tokens,
            request_count as requests,
            effective_cost_usd as usd,
            0 as gpu_hours
        from costs
    ),

    hours_of_gpus as (
        select
            usage_date,
            'self_hosted' as provider_name,
            model_name,
            coalesce(team_id, 'unattributed') as team_id,
            0 as tokens,
            0 as requests,
            0 as usd,
            sum(gpu_hours) as gpu_hours
        from allocations
        group by usage_date, model_name, coalesce(team_id, 'unattributed')
    ),

    unioned as (
        select *
        from tokens_and_money
        union all
        select *
        from hours_of_gpus
    ),

    summed as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            {% for measure in ["tokens", "requests", "usd", "gpu_hours"] -%}
                cast(
                    coalesce(sum({{ measure }}), 0) as decimal(38, 12)
                ) as {{ measure }}{{ "," if not loop.last }}
            {% endfor %}
        from unioned
        group by usage_date, provider_name, model_name, team_id
    )

select *
from summed
