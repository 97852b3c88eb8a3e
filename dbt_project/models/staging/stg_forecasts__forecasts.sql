-- One row per series, measure and forecast day.
with source as (select * from {{ source("forecasts", "forecasts") }}) select * from source
