-- One row per row that the forecast step wrote.
with source as (select * from {{ source("forecasts", "excluded_days") }})

select measure, usage_date, reason
from source
