with
    events as (select * from {{ ref("fct_usage_events") }}),

    charges as (select * from {{ ref("fct_charges_hourly") }})

select event_id as row_name, contracted_cost_usd as cost_usd
from events
where (contracted_cost_usd is null) != (pricing_status in ('unpriced', 'own_gpu'))
union all
select cast(hour_start_at as varchar) as row_name, effective_cost_usd as cost_usd
from charges
where (effective_cost_usd is null) != (pricing_status = 'unpriced')
