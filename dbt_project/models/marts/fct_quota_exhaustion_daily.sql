-- One row per quota, period and day.
with forecasts as (select * from {{ ref("stg_forecasts__quota_exhaustion_daily") }})

select
    forecast_origin_date,
    quota_id,
    period_start_date,
    forecast_date,
    exhaustion_probability,
    used_value_p10,
    used_value_p50,
    used_value_p90
from forecasts
