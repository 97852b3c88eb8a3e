-- One row per contract model, service tier, period and context tier, the classes side by side;
-- NULL means the contract says nothing.
with {{ stated_prices_pivoted(ref("stg_ledger__contract_prices"), "contract_id") }}

select *, {{ stated_price_id() }} as price_id
from pivoted
