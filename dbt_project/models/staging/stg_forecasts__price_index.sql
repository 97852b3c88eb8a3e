-- One row per scope, period, formula, contributor and vintage.
with source as (select * from {{ source("forecasts", "price_index") }}) select * from source
