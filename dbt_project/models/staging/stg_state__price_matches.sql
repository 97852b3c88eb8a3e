-- One row per model seen in the logs that the price list knows.
with source as (select * from {{ source("state", "price_matches") }})

select provider_name, model_name, price_provider_name, price_model_name
from source
