-- One row per request that own GPUs answered: its exact part of its team's share of the hour, by
-- what weighed there (fct_inference_shares_hourly). Cached input carries no prefill.
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
{%- set weight_of = {
    "input": [
        "uncached_input_tokens",
        "input_tokens",
        "requests",
    ],
    "output": ["output_tokens", "input_tokens", "requests"],
} %}
with
    events as (
        select
            event_id,
            {{ hour_of("started_at") }} as hour_start_at,
            usage_date,
            model_name,
            team_id,
            coalesce(uncached_input_tokens, 0) as uncached_input_tokens,
            coalesce(input_tokens, 0) as input_tokens,
            coalesce(output_tokens, 0) as output_tokens,
            coalesce(request_count, 0) as requests
        from {{ ref("fct_usage_events") }}
        where is_self_hosted and request_count is distinct from 0 and {{ rebuilt }}
    ),

    shares as (select * from {{ ref("fct_inference_shares_hourly") }} where {{ rebuilt }}),

    weighed as (
        select
            events.event_id,
            events.hour_start_at,
            events.usage_date,
            events.model_name,
            events.team_id,
            {{ picousd("shares.input_cost_usd") }} as team_input_picousd,
            {{ picousd("shares.output_cost_usd") }} as team_output_picousd,
            {% for phase, columns in weight_of.items() %}
                case
                    when shares.team_{{ phase }}_weight = 0
                    then 1
                    {% for column in columns %}
                        when shares.{{ phase }}_basis = '{{ column }}' then events.{{ column }}
                    {% endfor %}
                    else 1
                end as {{ phase }}_weight{{ "," if not loop.last }}
            {% endfor %}
        from events
        inner join
            shares
            on events.usage_date = shares.usage_date
            and events.hour_start_at = shares.hour_start_at
            and events.model_name = shares.model_name
            and events.team_id = shares.team_id
    ),

    split as (
        select
            event_id,
            hour_start_at,
            usage_date,
            model_name,
            team_id,
            {% for phase in weight_of %}
                {{
                    split_exactly(
                        "team_" ~ phase ~ "_picousd",
                        phase ~ "_weight",
                        "usage_date, hour_start_at, model_name, team_id",
                        "event_id",
                    )
                }} as {{ phase }}_picousd{{ "," if not loop.last }}
            {% endfor %}
        from weighed
    )

select
    event_id,
    hour_start_at,
    usage_date,
    model_name,
    team_id,
    {{ usd("input_picousd") }} as input_cost_usd,
    {{ usd("output_picousd") }} as output_cost_usd,
    {{ usd("input_picousd + output_picousd") }} as effective_cost_usd
from split
