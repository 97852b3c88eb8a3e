-- One row per counted event with its cost at list and at effective prices; unknown is NULL, never
-- 0.
with
    events as (select * from {{ ref("int_usage_events_matched") }}),

    provisioned as (select * from {{ ref("int_provisioned_costs") }}),

    multiplied as (
        select
            *,
            {{ cost_of_classes(false, "") }} as known_input_cost_usd,
            {{ cost_of_classes(true, "") }} as known_output_cost_usd
        from events
        left join provisioned using (event_id)
    ),

    reasoned as (
        select
            *,
            case
                when is_self_hosted or (coalesce(total_tokens, 0) = 0 and status = 'failure')
                then null
                when total_tokens is null
                then 'tokens_not_reported'
                when reservation_ids is not null
                then null
                when not has_price and is_known_model and price_service_tier != 'standard'
                then 'no_price_for_service_tier'
                when not has_price
                then 'no_price_for_model'
                when is_context_unknown
                then 'no_price_for_context'
                when is_time_unknown
                then 'no_price_for_time_of_day'
                when known_input_cost_usd + known_output_cost_usd is null
                then 'no_price_for_token_class'
            end as unpriced_reason
        from multiplied
    ),

    stated as (
        select
            *,
            case
                when is_self_hosted
                then 'own_gpu'
                when unpriced_reason is not null
                then 'unpriced'
                when reservation_ids is not null
                then 'provisioned'
                else coalesce(strongest_source, 'list')
            end as pricing_status
        from reasoned
    )

select
    * exclude (
        known_input_cost_usd,
        known_output_cost_usd,
        input_picousd,
        output_picousd,
        price_id,
        price_snapshot,
        price_rules
    ),
    case
        when
            pricing_status not in ('own_gpu', 'unpriced')
            and not (is_context_unknown or is_time_unknown)
        then
            case
                when only_source = 'list'
                then known_input_cost_usd + known_output_cost_usd
                else {{ cost_of_classes(false, "list_") }} + {{ cost_of_classes(true, "list_") }}
            end
    end as list_cost_usd,
    case
        pricing_status
        when 'own_gpu'
        then null
        when 'unpriced'
        then null
        when 'provisioned'
        then {{ usd("input_picousd") }}
        else coalesce(known_input_cost_usd, 0)
    end as input_cost_usd,
    case
        pricing_status
        when 'own_gpu'
        then null
        when 'unpriced'
        then null
        when 'provisioned'
        then {{ usd("output_picousd") }}
        else coalesce(known_output_cost_usd, 0)
    end as output_cost_usd,
    case
        when pricing_status in ('own_gpu', 'unpriced')
        then null
        when pricing_status = 'provisioned'
        then 'provisioned'
        when only_source is not null or not has_price
        then only_source
        else {{ source_of_used_classes() }}
    end as price_source,
    if(pricing_status in ('contract', 'list', 'override'), price_id, null) as price_id,
    if(pricing_status in ('contract', 'list', 'override'), price_snapshot, null) as price_snapshot,
    case
        when pricing_status = 'provisioned'
        then 'hourly cost of ' || reservation_ids || ' by tokens'
        when pricing_status in ('contract', 'list', 'override')
        then price_rules[{{ position_of_used_classes() }}]
    end as price_rule
from stated
