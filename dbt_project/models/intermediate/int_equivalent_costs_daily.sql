-- One row per day, own model and cloud model it is compared with: what its tokens would have cost
-- there, each request at the list price and context tier of its moment. Requests of hours whose own
-- cost is unknown are left out on both sides.
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
{%- set classes = {
    "uncached_input": "uncached_input_tokens",
    "cache_read_input": "cache_read_input_tokens",
    "cache_write_input": "cache_write_input_tokens",
    "output": "output_tokens",
} %}
with
    equivalents as (
        select *
        from {{ ref("stg_ledger__tco_equivalents") }}
        union all
        -- own models are shown whether or not they have an equivalent
        select distinct model_name, '' as equivalent_provider_name, '' as equivalent_model_name
        from {{ ref("fct_usage_hourly") }}
        where
            is_self_hosted
            and model_name not in (select model_name from {{ ref("stg_ledger__tco_equivalents") }})
    ),

    prices as (
        select
            *,
            lead(context_threshold_tokens) over (
                partition by provider_name, model_name, valid_from, window_start_minute
                order by context_threshold_tokens
            ) as context_ceiling_tokens
        from {{ ref("dim_prices") }}
        where
            price_source = 'list'
            and service_tier = 'standard'
            and believed_to is null
            -- not a region's uplift
            and price_rule is null
            and region_name is null
            and (provider_name, model_name)
            in (select (equivalent_provider_name, equivalent_model_name) from equivalents)
    ),

    unknown_hours as (
        select distinct hour_start_at, model_name
        from {{ ref("fct_charges_hourly") }}
        where provider_name = 'self_hosted' and pricing_status = 'unpriced' and {{ rebuilt }}
    ),

    events as (
        select
            events.*,
            unknown_hours.model_name is null as has_own_cost,
            60 * hour(events.started_at) + minute(events.started_at) as started_minute,
            -- the context of requests that a bucket sums up is not known
            case
                when events.request_count = 1 then coalesce(events.input_tokens, 0) else 0
            end as context_tokens
        from
            (
                select * from {{ ref("fct_usage_events") }} where is_self_hosted and {{ rebuilt }}
            ) as events
        left join
            unknown_hours
            on {{ hour_of("events.started_at") }} = unknown_hours.hour_start_at
            and events.model_name = unknown_hours.model_name
    ),

    priced as (
        select
            events.*,
            equivalents.equivalent_provider_name,
            equivalents.equivalent_model_name,
            0
            {% for token_class, tokens in classes.items() -%}
                + {{ priced("events." ~ tokens, "prices." ~ token_class ~ "_unit_price_usd") }}
            {% endfor %} as equivalent_cost_usd
        from events
        inner join equivalents on events.model_name = equivalents.model_name
        left join
            prices
            on equivalents.equivalent_provider_name = prices.provider_name
            and equivalents.equivalent_model_name = prices.model_name
            and {{ is_valid_at("events.started_at", "prices") }}
            and events.started_minute >= prices.window_start_minute
            and events.started_minute < prices.window_end_minute
            and (
                events.context_tokens > prices.context_threshold_tokens
                or prices.context_threshold_tokens = 0
            )
            and (
                events.context_tokens <= prices.context_ceiling_tokens
                or prices.context_ceiling_tokens is null
            )
    ),

    summed as (
        select
            usage_date,
            model_name,
            equivalent_provider_name,
            equivalent_model_name,
            {% for tokens in classes.values() | list + ["total_tokens"] -%}
                cast(
                    coalesce(sum({{ tokens }}) filter (has_own_cost), 0) as bigint
                ) as {{ tokens }},
            {% endfor -%}
            cast(
                coalesce(sum(total_tokens) filter (not has_own_cost), 0) as bigint
            ) as unpriced_tokens,
            cast(
                coalesce(
                    sum(total_tokens) filter (has_own_cost and equivalent_cost_usd is null), 0
                ) as bigint
            ) as equivalent_unpriced_tokens,
            cast(
                sum(equivalent_cost_usd) filter (has_own_cost) as decimal(38, 12)
            ) as equivalent_cost_usd
        from priced
        group by usage_date, model_name, equivalent_provider_name, equivalent_model_name
    )

select *
from summed
