-- One row per hour and bearer of running costs: a GPU, a host (gpu_uuid ''), or the whole fleet
-- (both ''). A month's amount is spread over the hours of that calendar month, to the pico-dollar.
with
    days as (select * from {{ ref("int_days_covered") }}),

    opex as (select * from {{ ref("stg_ledger__opex") }}),

    hours as (
        select
            usage_date,
            cast(usage_date as timestamp) + to_hours(cast(hour as integer)) as hour_start_at,
            (day(usage_date) - 1) * 24 + hour as hour_of_month,
            day(last_day(usage_date)) * 24 as hours_in_month
        from days
        cross join unnest(range(24)) as hours_of_day(hour)
    ),

    spread as (
        select
            hours.usage_date,
            hours.hour_start_at,
            coalesce(opex.host_name, '') as host_name,
            coalesce(opex.gpu_uuid, '') as gpu_uuid,
            sum(
                {{
                    equal_part(
                        picousd("opex.amount_usd_per_month"),
                        "hours.hour_of_month",
                        "hours.hours_in_month",
                    )
                }}
            ) as opex_picousd
        from hours
        inner join opex on {{ is_valid_at("hours.usage_date", "opex") }}
        group by
            hours.usage_date,
            hours.hour_start_at,
            coalesce(opex.host_name, ''),
            coalesce(opex.gpu_uuid, '')
    )

select *
from spread
