-- One row per hour, provider, model and team. A provider's bucket stands in its first hour; where
-- one does not tell its requests, the number of the hour is unknown (NULL) and not a part of it.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(follow_events=true) }}",
    )
}}
{%- set counts = ["request_count", "failed_request_count"] %}
{%- set sums = [
    "gateway_cache_hit_count",
    "uncached_input_tokens",
    "cache_read_input_tokens",
    "cache_write_input_tokens",
    "input_tokens",
    "reasoning_output_tokens",
    "output_tokens",
    "total_tokens",
] %}
with
    events as (
        select
            *,
            case
                when status = 'failure' or request_count is null then request_count else 0
            end as failed_request_count,
            0 as gateway_cache_hit_count
        from {{ ref("fct_usage_events") }}
        where {{ is_rebuilt("usage_date", follow_events=true) }}
    ),

    -- answered by the gateway itself: counted here and nowhere else
    cache_hits as (
        select
            usage_date,
            started_at,
            provider_name,
            model_name,
            team_id,
            is_self_hosted,
            0 as request_count,
            0 as failed_request_count,
            request_count as gateway_cache_hit_count
        from {{ ref("int_usage_events_owned") }}
        where is_gateway_cache_hit and {{ is_rebuilt("usage_date", follow_events=true) }}
    ),

    unioned as (
        from events
        union all by name
        from cache_hits
    ),

    summed as (
        select
            {{ hour_of("started_at") }} as hour_start_at,
            usage_date,
            provider_name,
            model_name,
            team_id,
            is_self_hosted,
            {% for column in counts -%}
                case
                    when bool_and({{ column }} is not null) then cast(sum({{ column }}) as bigint)
                end as {{ column }},
            {% endfor -%}
            {% for column in sums %} cast(sum({{ column }}) as bigint) as {{ column }},{% endfor %}
            sum(reported_cost_usd) as reported_cost_usd
        from unioned
        group by
            {{ hour_of("started_at") }},
            usage_date,
            provider_name,
            model_name,
            team_id,
            is_self_hosted
    )

select
    *,
    {{ star_key("team_id") }} as team_key,
    {{ star_key("provider_name") }} as provider_key,
    {{ model_key() }} as model_key
from summed
