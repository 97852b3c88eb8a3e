-- By day, provider, model and team: everything charged but idle and overhead, and every token.
with
    classes as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            sum(effective_cost_usd) as class_cost_usd,
            sum(tokens) as class_tokens
        from {{ ref("fct_token_class_costs_daily") }}
        group by usage_date, provider_name, model_name, team_id
    ),

    charges as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            sum(effective_cost_usd) as cost_usd,
            sum(total_tokens) as tokens
        from {{ ref("fct_charges_hourly") }}
        where charge_kind in ('cloud_tokens', 'own_gpu_allocated')
        group by usage_date, provider_name, model_name, team_id
    )

select
    usage_date,
    provider_name,
    model_name,
    team_id,
    classes.class_cost_usd,
    charges.cost_usd,
    classes.class_tokens,
    charges.tokens
from classes
full join charges using (usage_date, provider_name, model_name, team_id)
where
    coalesce(classes.class_cost_usd, 0) != coalesce(charges.cost_usd, 0)
    or coalesce(classes.class_tokens, 0) != coalesce(charges.tokens, 0)
