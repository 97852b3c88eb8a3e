-- One row per GPU that the company owns or owned.
with
    source as (select * from {{ source("ledger", "gpu_fleet") }}),

    renamed as (
        select
            gpu_uuid,
            host_name,
            cast(gpu_index as bigint) as gpu_index,
            gpu_model,
            cast(memory_gib as bigint) as memory_gib,
            purchase_date,
            in_service_date,
            retired_date,
            purchase_price_usd,
            residual_value_usd,
            cast(useful_life_months as bigint) as useful_life_months,
            rated_power_watts,
            date_diff(
                'hour',
                cast(in_service_date as timestamp),
                in_service_date + to_months(cast(useful_life_months as integer))
            ) as useful_life_hours
        from source
    )

select *
from renamed
