with gpu_hours as (select * from {{ ref("fct_gpu_hours") }})

select *
from gpu_hours
where
    allocated_cost_usd + idle_cost_usd + overhead_cost_usd != asset_cost_usd
    or amortized_cost_usd
    + lease_cost_usd
    + coalesce(energy_cost_usd, 0)
    + opex_cost_usd
    + overhead_cost_usd
    != asset_cost_usd
