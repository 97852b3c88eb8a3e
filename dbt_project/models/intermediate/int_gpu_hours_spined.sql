-- One row per GPU and hour in service, for every hour of every day covered, with or without data.
with
    gpus as (select * from {{ ref("stg_ledger__gpus") }}),

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
            gpus.in_service_date,
            gpus.useful_life_hours,
            gpus.purchase_price_usd,
            gpus.residual_value_usd
        from hours
        inner join
            gpus
            on hours.usage_date >= gpus.in_service_date
            and (hours.usage_date < gpus.retired_date or gpus.retired_date is null)
    )

select *
from in_service
