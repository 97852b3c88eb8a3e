-- One row per hour, charge kind, provider, model, team, pricing status and cause of idleness.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1, with_holes=true, follow_events=true, follow_gpus=true) }}",
    )
}}
{%- set rebuilt = is_rebuilt(
    "usage_date", days_before=1, with_holes=true, follow_events=true, follow_gpus=true
) %}
with
    charges as (select * from {{ ref("int_charges_unioned") }} where {{ rebuilt }}),

    summed as (
        select
            hour_start_at,
            usage_date,
            charge_kind,
            provider_name,
            model_name,
            team_id,
            pricing_status,
            coalesce(idle_cause, '') as idle_cause,
            cast(sum(input_tokens) as bigint) as input_tokens,
            cast(sum(output_tokens) as bigint) as output_tokens,
            cast(sum(total_tokens) as bigint) as total_tokens,
            cast(sum(list_cost_usd) as decimal(38, 12)) as list_cost_usd,
            cast(sum(input_cost_usd) as decimal(38, 12)) as input_cost_usd,
            cast(sum(output_cost_usd) as decimal(38, 12)) as output_cost_usd,
            cast(sum(effective_cost_usd) as decimal(38, 12)) as effective_cost_usd,
            cast(sum(reported_cost_usd) as decimal(38, 12)) as reported_cost_usd
        from charges
        group by
            hour_start_at,
            usage_date,
            charge_kind,
            provider_name,
            model_name,
            team_id,
            pricing_status,
            coalesce(idle_cause, '')
    )

select
    {{ charge_id("summed") }} as charge_id,
    *,
    {{ star_key("team_id") }} as team_key,
    {{ star_key("provider_name") }} as provider_key,
    {{ model_key() }} as model_key
from summed
