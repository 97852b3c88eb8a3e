-- One row per scope, period, measure, contributor and vintage.
with source as (select * from {{ source("forecasts", "quota_inflation_index") }})
select *
from source
