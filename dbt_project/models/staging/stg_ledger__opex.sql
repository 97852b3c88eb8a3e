-- One row per running cost and period; no host means the whole fleet.
with source as (select * from {{ source("ledger", "opex") }})

select
    opex_id,
    category,
    nullif(host_name, '') as host_name,
    amount_usd_per_month,
    valid_from,
    valid_to
from source
