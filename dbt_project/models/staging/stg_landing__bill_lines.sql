-- One row per delivered line of a bill.
with source as (select * from {{ source("landing", "bill_lines") }})

select
    * exclude (date, natural_key, delivered_at, quality_flags),
    date as usage_date,
    {{ folder_of("file_name") }} as folder,
    coalesce(delivered_at, timestamp '1970-01-01') as delivered_at
from source
