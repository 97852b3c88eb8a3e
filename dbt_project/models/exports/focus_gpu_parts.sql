-- One row per GPU hour, holder and part of its cost: amortization (paid when the GPU was bought) or
-- lease, and operation (energy and running costs, paid as they come).
{{ config(materialized="ephemeral") }}
with
    allocations as (
        select
            *,
            {{ picousd("amortized_cost_usd + lease_cost_usd") }} as capacity_picousd,
            {{ picousd("direct_cost_usd - amortized_cost_usd - lease_cost_usd") }}
            as operation_picousd,
            cast(gpu_hours * 1000000000000 as hugeint) as gpu_pico_hours
        from {{ ref("fct_gpu_allocations_hourly") }}
    )

select
    hour_start_at,
    usage_date,
    gpu_uuid,
    holder_id,
    model_name,
    coalesce(team_id, 'unattributed') as team_id,
    allocation_status,
    idle_cause,
    workload,
    coalesce(allocation_status = 'allocated' and workload = 'inference', false) as is_shared,
    unnest([if(lease_cost_usd != 0, 'lease', 'amortization'), 'operation']) as cost_part,
    unnest([capacity_picousd, operation_picousd]) as part_picousd,
    gpu_pico_hours
from allocations
