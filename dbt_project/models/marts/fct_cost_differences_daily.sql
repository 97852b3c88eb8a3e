-- One row per day, provider, model, team, kind of reported cost and reason: what the log claims
-- beside what the price book makes, and why they differ as far as the usual mistakes tell.
-- A mistake explains a request when it gives the reported cost to a millionth.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(follow_events=true) }}",
    )
}}
with
    events as (
        select *
        from {{ ref("fct_usage_events") }}
        where
            reported_cost_usd is not null
            and not is_self_hosted
            and {{ is_rebuilt("usage_date", follow_events=true) }}
    ),

    prices as (select distinct on (price_id) * from {{ ref("dim_prices") }}),

    -- the same model's prices below every context threshold
    base_prices as (select * from prices where context_threshold_tokens = 0),

    compared as (
        select
            events.*,
            events.contracted_cost_usd as cost_usd,
            coalesce(events.cache_read_input_tokens, 0) as cached_tokens,
            coalesce(events.cache_write_1h_input_tokens, 0) as written_1h_tokens,
            coalesce(events.reasoning_output_tokens, 0) as reasoning_tokens,
            prices.uncached_input_unit_price_usd as input_price,
            prices.cache_read_input_unit_price_usd as cache_read_price,
            prices.cache_write_input_unit_price_usd as write_price,
            prices.cache_write_1h_input_unit_price_usd as write_1h_price,
            prices.reasoning_output_unit_price_usd as reasoning_price,
            coalesce(events.uncached_input_tokens, 0) * base_prices.uncached_input_unit_price_usd
            + coalesce(
                events.cache_read_input_tokens * base_prices.cache_read_input_unit_price_usd, 0
            )
            + coalesce(
                (events.cache_write_input_tokens - coalesce(events.cache_write_1h_input_tokens, 0))
                * base_prices.cache_write_input_unit_price_usd,
                0
            )
            + coalesce(
                events.cache_write_1h_input_tokens
                * base_prices.cache_write_1h_input_unit_price_usd,
                0
            )
            + coalesce(events.output_tokens, 0)
            * base_prices.output_unit_price_usd as base_context_cost_usd
        from events
        left join prices on events.price_id = prices.price_id
        left join
            base_prices
            on prices.context_threshold_tokens > 0
            and prices.provider_name = base_prices.provider_name
            and prices.model_name = base_prices.model_name
            and prices.service_tier = base_prices.service_tier
            and prices.price_source = base_prices.price_source
            and prices.valid_from = base_prices.valid_from
            and prices.window_start_minute = base_prices.window_start_minute
            and coalesce(prices.region_name, '') = coalesce(base_prices.region_name, '')
    ),

    explained as (
        select
            *,
            case
                when cost_usd is null
                then 'no_price'
                when {{ is_reported("cost_usd", var("agreement_ratio")) }}
                then 'agrees'
                when pricing_status = 'contract' and {{ is_reported("list_cost_usd") }}
                then 'contract_left_out'
                when
                    cached_tokens > 0
                    and
                    {{ is_reported("cost_usd + cached_tokens * (input_price - cache_read_price)") }}
                then 'cached_tokens_counted_full'
                when
                    cached_tokens > 0
                    and {{ is_reported("cost_usd + cached_tokens * input_price") }}
                then 'cached_tokens_counted_twice'
                when
                    cached_tokens > 0
                    and {{ is_reported("cost_usd - cached_tokens * cache_read_price") }}
                then 'cached_tokens_left_out'
                when
                    written_1h_tokens > 0
                    and {{
                        is_reported(
                            "cost_usd - written_1h_tokens * (write_1h_price - write_price)"
                        )
                    }}
                then 'one_hour_writes_as_short_ones'
                when
                    reasoning_tokens > 0
                    and {{ is_reported("cost_usd + reasoning_tokens * reasoning_price") }}
                then 'reasoning_counted_twice'
                when
                    reasoning_tokens > 0
                    and {{ is_reported("cost_usd - reasoning_tokens * reasoning_price") }}
                then 'reasoning_left_out'
                when {{ is_reported("base_context_cost_usd") }}
                then 'context_tier_left_out'
                when pricing_status = 'provisioned'
                then 'reserved_capacity'
                when price_service_tier != 'standard'
                then 'service_tier_price_differs'
                else 'price_differs'
            end as reason
        from compared
    )

select
    usage_date,
    provider_name,
    model_name,
    team_id,
    coalesce(reported_cost_kind, 'unknown') as reported_cost_kind,
    reason,
    cast(count(*) as bigint) as event_count,
    cast(sum(total_tokens) as bigint) as total_tokens,
    cast(sum(cost_usd) as decimal(38, 12)) as cost_usd,
    cast(sum(reported_cost_usd) as decimal(38, 12)) as reported_cost_usd,
    cast(sum(reported_cost_usd) - sum(cost_usd) as decimal(38, 12)) as difference_usd
from explained
group by usage_date, provider_name, model_name, team_id, reported_cost_kind, reason
