-- One row per GPU and hour in service, for every hour of every day covered, with or without data.
with
    gpus as (select * from {{ ref("int_gpus_in_service") }}),

    days as (select * from {{ ref("int_days_covered") }}),

    hours as (
        select
            usage_date,
            cast(usage_date as timestamp) + to_hours(cast(hour as integer)) as hour_start_at
        from days
        cross join unnest(range(24)) as hours_of_day(hour)
    ),

    in_service as (
        select
            hours.usage_date,
            hours.hour_start_at,
            gpus.gpu_uuid,
            gpus.gpu_index,
            gpus.host_name,
            gpus.gpu_model,
            gpus.acquisition_kind,
            gpus.hourly_price_usd,
            gpus.rated_power_watts
        from hours
        inner join
            gpus
            on hours.hour_start_at >= gpus.service_start_at
            and hours.hour_start_at < gpus.service_end_at
    )

select *
from in_service
