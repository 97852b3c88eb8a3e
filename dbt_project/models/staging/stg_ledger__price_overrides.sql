-- One row per stated price: model, tier, context tier, class and period; prices are per one unit.
select override_id, {{ stated_price_columns("override_id") }}
from {{ source("ledger", "price_overrides") }}
