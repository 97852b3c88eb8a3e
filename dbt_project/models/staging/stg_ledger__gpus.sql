-- One row per GPU that the company has or had: bought, leased or rented.
with
    source as (select * from {{ source("ledger", "gpu_fleet") }}),

    renamed as (
        select
            gpu_uuid,
            host_name,
            cast(gpu_index as bigint) as gpu_index,
            gpu_model,
            cast(memory_gib as bigint) as memory_gib,
            coalesce(acquisition_kind, 'purchase') as acquisition_kind,
            purchase_date,
            in_service_date,
            retired_date,
            purchase_price_usd,
            residual_value_usd,
            cast(useful_life_months as bigint) as useful_life_months,
            case
                when purchase_price_usd is not null
                then coalesce(amortization_method, 'straight_line')
            end as amortization_method,
            expected_units,
            hourly_price_usd,
            rated_power_watts
        from source
    )

select *
from renamed
