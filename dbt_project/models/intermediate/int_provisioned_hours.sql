-- One row per reservation and hour it was held, with what the hour cost; up to the last day with
-- data. An hour held in part costs that part.
with
    reservations as (select * from {{ ref("stg_ledger__provisioned_throughput") }}),

    last_day as (select max(usage_date) as usage_date from {{ ref("int_days_covered") }}),

    bounded as (
        select
            reservations.*,
            least(
                coalesce(reservations.ended_at, timestamp '9999-12-31'),
                cast(last_day.usage_date + interval 1 day as timestamp)
            ) as held_until_at
        from reservations
        cross join last_day
    ),

    hours as (
        select
            *,
            unnest(
                generate_series(
                    {{ hour_of("started_at") }},
                    held_until_at - interval 1 microsecond,
                    interval 1 hour
                )
            ) as hour_start_at
        from bounded
    )

select
    hour_start_at,
    cast(hour_start_at as date) as usage_date,
    provider_name,
    model_name,
    reservation_id,
    {{
        whole_quotient(
            picousd("hourly_cost_usd")
            ~ " * date_diff('microsecond', greatest(started_at, hour_start_at), "
            ~ "least(held_until_at, hour_start_at + interval 1 hour))",
            "3600000000",
        )
    }} as cost_picousd
from hours
