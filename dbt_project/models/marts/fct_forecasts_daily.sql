-- One row per series, measure and forecast day.
with forecasts as (select * from {{ ref("stg_forecasts__forecasts") }})

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
    lower_50_value,
    upper_50_value,
    lower_80_value,
    upper_80_value,
    lower_95_value,
    upper_95_value,
    naive_value,
    cumulative_value,
    cumulative_lower_50_value,
    cumulative_upper_50_value,
    cumulative_lower_80_value,
    cumulative_upper_80_value,
    cumulative_lower_95_value,
    cumulative_upper_95_value,
    {{ star_key("team_id") }} as team_key,
    {{ star_key("provider_name") }} as provider_key,
    {{ model_key() }} as model_key
from forecasts
