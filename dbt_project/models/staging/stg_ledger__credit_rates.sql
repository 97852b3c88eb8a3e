-- One row per meter and period that is paid in credits; no SKU means any of the provider's.
with source as (select * from {{ source("ledger", "credit_rates") }})

select credit_id, service_provider_name, sku_id, credits_per_unit, valid_from, valid_to
from source
