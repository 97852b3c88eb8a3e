-- One row per contract, model, token class and period; prices are per one token.
with source as (select * from {{ source("ledger", "contract_prices") }})

select contract_id, provider_name, model_name, token_class, unit_price_usd, valid_from, valid_to
from source
