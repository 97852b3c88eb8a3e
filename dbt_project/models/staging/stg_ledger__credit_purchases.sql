-- One row per lot of prepaid credits; the lot that expires first is used first.
with source as (select * from {{ source("ledger", "credit_purchases") }})

select
    purchase_id,
    credit_id,
    purchased_date,
    coalesce(expires_date, date '9999-12-31') as expires_date,
    unit_count,
    list_price_usd_per_unit,
    billed_cost_usd,
    row_number() over (
        partition by credit_id
        order by expires_date asc nulls last, purchased_date asc, purchase_id asc
    ) as lot_number
from source
