-- One row per imported list price; the columns are those of the seed list_prices.
with source as (select * from {{ source("state", "price_imports") }}) select * from source
