-- One row per contract, model, tier, context tier, class and period; prices are per one unit.
select contract_id, {{ stated_price_columns("contract_id") }}
from {{ source("ledger", "contract_prices") }}
