-- One row per hour and host with the tariff that holds: the host's own before a general one, one
-- with hours or weekdays before one without, then the latest. Weekday and hour are those of the
-- tariff's zone when the hour begins, so that a day on which clocks change has 23 or 25 of them.
with
    hours as (
        select distinct usage_date, hour_start_at, host_name from {{ ref("int_gpu_hours_spined") }}
    ),

    tariffs as (select * from {{ ref("stg_ledger__electricity_tariffs") }}),

    fitting as (
        select
            hours.usage_date,
            hours.hour_start_at,
            hours.host_name,
            tariffs,
            timezone(tariffs.time_zone, timezone('UTC', hours.hour_start_at)) as local_hour_start_at
        from hours
        inner join
            tariffs
            on (hours.host_name = tariffs.host_name or tariffs.host_name is null)
            and {{ is_valid_at("hours.usage_date", "tariffs") }}
    )

select
    usage_date,
    hour_start_at,
    host_name,
    arg_max(
        tariffs,
        (tariffs.host_name is not null, tariffs.window_count, tariffs.valid_from, tariffs.tariff_id)
    ) as tariff
from fitting
where
    hour(local_hour_start_at) >= tariffs.from_hour
    and hour(local_hour_start_at) < tariffs.to_hour
    and (
        tariffs.weekdays is null
        or contains(tariffs.weekdays, cast(isodow(local_hour_start_at) as varchar))
    )
group by usage_date, hour_start_at, host_name
