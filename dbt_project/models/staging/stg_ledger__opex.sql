-- One row per running cost and period: of a host, of one GPU, or of the whole fleet if neither.
with source as (select * from {{ source("ledger", "opex") }})

select
    opex_id,
    category,
    nullif(host_name, '') as host_name,
    gpu_uuid,
    amount_usd_per_month,
    valid_from,
    valid_to
from source
