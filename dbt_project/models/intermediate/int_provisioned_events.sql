-- One row per event that a reservation served, with the hours it shares with others: its own, or
-- its whole day where the log has only days. Another tier than the standard one, or traffic that
-- the provider calls on demand, is not served by a reservation.
with
    events as (
        select
            event_id,
            provider_name,
            model_name,
            usage_date,
            started_at,
            grain,
            coalesce(input_tokens, 0) as input_tokens,
            coalesce(output_tokens, 0) as output_tokens
        from {{ ref("int_usage_events_owned") }}
        where
            not is_gateway_cache_hit
            and not is_self_hosted
            and price_service_tier in ('standard', 'provisioned')
            and coalesce(lower(service_tier), '') != 'on_demand'
    ),

    hours as (
        select distinct provider_name, model_name, usage_date, hour_start_at
        from {{ ref("int_provisioned_hours") }}
    ),

    days as (select distinct provider_name, model_name, usage_date from hours),

    of_reserved_models as (
        select
            events.*,
            bool_or(events.grain = 'bucket_1d') over (
                partition by events.provider_name, events.model_name, events.usage_date
            ) as is_told_by_day
        from events
        inner join days using (provider_name, model_name, usage_date)
    )

select
    events.event_id,
    events.provider_name,
    events.model_name,
    events.usage_date,
    events.is_told_by_day,
    if(
        events.is_told_by_day,
        cast(events.usage_date as timestamp),
        {{ hour_of("events.started_at") }}
    ) as pool_start_at,
    events.input_tokens,
    events.output_tokens
from of_reserved_models as events
left join
    hours
    on events.provider_name = hours.provider_name
    and events.model_name = hours.model_name
    and {{ hour_of("events.started_at") }} = hours.hour_start_at
where events.is_told_by_day or hours.hour_start_at is not null
