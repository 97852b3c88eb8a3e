-- One row per origin, series, measure and day that was foretold.
with forecasts as (select * from {{ ref("stg_forecasts__vintages") }})

select
    forecast_origin_date,
    series_kind,
    team_id,
    provider_name,
    model_name,
    measure,
    forecast_date,
    horizon_days,
    method_name,
    forecast_value,
    lower_80_value,
    upper_80_value,
    naive_value,
    actual_value,
    cumulative_value,
    cumulative_lower_80_value,
    cumulative_upper_80_value,
    cumulative_actual_value
from forecasts
