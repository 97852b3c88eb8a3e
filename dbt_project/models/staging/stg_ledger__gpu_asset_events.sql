-- One row per event in the life of a purchased GPU, numbered from 1 in the order they hold.
with source as (select * from {{ source("ledger", "gpu_asset_events") }})

select
    event_id,
    gpu_uuid,
    event_date,
    event_kind,
    amount_usd,
    coalesce(share_ratio, 1) as share_ratio,
    residual_value_usd,
    cast(remaining_life_months as bigint) as remaining_life_months,
    amortization_method,
    expected_units,
    row_number() over (partition by gpu_uuid order by event_date, row_number) as event_number
from source
