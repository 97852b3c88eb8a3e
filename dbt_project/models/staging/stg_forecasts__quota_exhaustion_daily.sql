-- One row per row that the forecast step wrote.
with source as (select * from {{ source("forecasts", "quota_exhaustion_daily") }})

select
    forecast_origin_date,
    quota_id,
    period_start_date,
    forecast_date,
    exhaustion_probability,
    used_value_p10,
    used_value_p50,
    used_value_p90
from source
