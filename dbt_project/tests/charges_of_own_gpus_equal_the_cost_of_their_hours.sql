with
    costs as (
        select hour_start_at, sum(asset_cost_usd) as cost_usd
        from {{ ref("fct_gpu_hours") }}
        group by hour_start_at
    ),

    charges as (
        select hour_start_at, sum(effective_cost_usd) as charged_usd
        from {{ ref("fct_charges_hourly") }}
        where pricing_status = 'own_gpu'
        group by hour_start_at
    )

select hour_start_at, costs.cost_usd, charges.charged_usd
from costs
full join charges using (hour_start_at)
where costs.cost_usd is distinct from charges.charged_usd
