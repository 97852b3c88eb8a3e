-- One row per series, measure and forecast day.
with forecasts as (select * from {{ ref("stg_forecasts__forecasts") }})

select
    forecast_origin_date,
    series_kind,
    team_id,
    model_name,
    measure,
    forecast_date,
    horizon_days,
    method_name,
    forecast_value,
    lower_80_value,
    upper_80_value,
    lower_95_value,
    upper_95_value,
    naive_value
from forecasts
