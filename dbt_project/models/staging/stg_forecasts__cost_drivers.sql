-- One row per scope, comparison, cause, model, token class and vintage.
with source as (select * from {{ source("forecasts", "cost_drivers") }}) select * from source
