-- One row per tariff and period; no host means every host without a tariff of its own.
with source as (select * from {{ source("ledger", "electricity_tariffs") }})

select
    tariff_id,
    nullif(host_name, '') as host_name,
    price_usd_per_kwh,
    power_usage_effectiveness_ratio,
    valid_from,
    valid_to
from source
