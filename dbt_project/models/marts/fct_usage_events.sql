-- One row per counted request (or provider bucket), priced as of its start.
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
        from {{ ref("int_usage_events_priced") }}
        where {{ is_rebuilt("usage_date", follow_events=true) }}
    )

select
    event_id,
    grain,
    started_at,
    usage_date,
    provider_name,
    model_name,
    team_id,
    api_key_id,
    user_id,
    request_count,
    status,
    is_throttled,
    service_tier,
    price_service_tier,
    region_name,
    input_tokens,
    uncached_input_tokens,
    cache_read_input_tokens,
    cache_write_input_tokens,
    cache_write_long_input_tokens as cache_write_1h_input_tokens,
    output_tokens,
    reasoning_output_tokens,
    total_tokens,
    web_search_requests,
    is_self_hosted,
    pricing_status,
    unpriced_reason,
    price_source,
    price_id,
    price_snapshot,
    price_rule,
    cast(list_cost_usd as decimal(38, 12)) as list_cost_usd,
    cast(input_cost_usd as decimal(38, 12)) as input_cost_usd,
    cast(output_cost_usd as decimal(38, 12)) as output_cost_usd,
    cast(input_cost_usd + output_cost_usd as decimal(38, 12)) as contracted_cost_usd,
    reported_cost_usd,
    reported_cost_kind,
    source,
    file_name,
    line_number
from events
