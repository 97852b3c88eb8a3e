-- One row per measure, day and check that it failed.
with forecasts as (select * from {{ ref("stg_forecasts__excluded_days") }})

select measure, usage_date, reason
from forecasts
