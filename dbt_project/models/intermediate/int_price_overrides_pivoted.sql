-- One row per model, service tier, period and context tier of the user's own prices, the classes
-- side by side; NULL means none is stated.
with {{ stated_prices_pivoted(ref("stg_ledger__price_overrides"), "override_id") }}

select *, {{ stated_price_id() }} as price_id
from pivoted
