-- One row per currency and period: a rate holds until the next one of its currency.
with source as (select * from {{ source("ledger", "fx_rates") }})

select
    currency_code,
    usd_per_unit,
    valid_from,
    lead(valid_from) over (partition by currency_code order by valid_from) as valid_to
from source
