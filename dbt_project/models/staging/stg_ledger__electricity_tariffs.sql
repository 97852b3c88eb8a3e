-- One row per tariff and period. No host means every host; no weekdays or hours mean all of them.
with source as (select * from {{ source("ledger", "electricity_tariffs") }})

select
    tariff_id,
    nullif(host_name, '') as host_name,
    price_usd_per_kwh,
    power_usage_effectiveness_ratio,
    nullif(weekdays, '') as weekdays,
    coalesce(from_hour, 0) as from_hour,
    coalesce(to_hour, 24) as to_hour,
    cast(nullif(weekdays, '') is not null as integer)
    + cast(from_hour is not null or to_hour is not null as integer) as window_count,
    coalesce(nullif(time_zone, ''), 'UTC') as time_zone,
    valid_from,
    valid_to
from source
