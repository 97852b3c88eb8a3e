-- One row per reservation, with what it costs by the hour.
with source as (select * from {{ source("ledger", "provisioned_throughput") }})

select
    reservation_id,
    provider_name,
    model_name,
    started_at,
    ended_at,
    cast(unit_count * hourly_price_usd_per_unit as decimal(38, 12)) as hourly_cost_usd
from source
