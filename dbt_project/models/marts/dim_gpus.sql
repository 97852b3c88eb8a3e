-- One row per GPU that the company has or had.
with gpus as (select * from {{ ref("stg_ledger__gpus") }})

select
    {{ star_key("gpu_uuid") }} as gpu_key,
    gpu_uuid,
    host_name,
    gpu_index,
    gpu_model,
    memory_gib,
    acquisition_kind,
    purchase_date,
    in_service_date,
    retired_date,
    purchase_price_usd,
    residual_value_usd,
    useful_life_months,
    amortization_method,
    expected_units,
    hourly_price_usd,
    rated_power_watts
from gpus
