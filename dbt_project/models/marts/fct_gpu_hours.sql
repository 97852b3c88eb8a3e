-- One row per GPU and hour in service: what it cost, who held it, whether it worked.
-- allocated + idle + overhead = asset cost. Of several holders the one that held most is named; all
-- are in fct_gpu_allocations_hourly. A GPU that holds a model nobody called is idle.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1, with_holes=true, follow_events=true, follow_gpus=true) }}",
    )
}}
{%- set rebuilt = is_rebuilt(
    "usage_date", days_before=1, with_holes=true, follow_events=true, follow_gpus=true
) %}
with
    gpu_hours as (select * from {{ ref("int_gpu_hours_costed") }} where {{ rebuilt }}),

    allocations as (select * from {{ ref("fct_gpu_allocations_hourly") }} where {{ rebuilt }}),

    utilization as (select * from {{ ref("int_gpu_utilization_hourly") }}),

    held as (
        select
            gpu_uuid,
            hour_start_at,
            arg_max(
                allocations,
                (
                    gpu_hours,
                    holder_kind != 'none',
                    allocation_status = 'allocated',
                    holder_kind,
                    holder_id
                )
            ) as largest,
            sum(if(allocation_status = 'allocated', direct_cost_usd, 0)) as allocated_cost_usd,
            sum(if(allocation_status = 'idle', direct_cost_usd, 0)) as idle_cost_usd
        from allocations
        group by gpu_uuid, hour_start_at
    )

select
    gpu_hours.hour_start_at,
    gpu_hours.usage_date,
    gpu_hours.gpu_uuid,
    gpu_hours.host_name,
    gpu_hours.gpu_model,
    held.largest.deployment_id,
    held.largest.workload,
    held.largest.model_name,
    held.largest.team_id,
    held.largest.allocation_status,
    held.largest.idle_cause,
    {{ usd("gpu_hours.amortized_picousd") }} as amortized_cost_usd,
    {{ usd("gpu_hours.lease_picousd") }} as lease_cost_usd,
    cast(gpu_hours.energy_joules as double) as energy_joules,
    cast(gpu_hours.filled_energy_joules as double) as filled_energy_joules,
    {{ usd("gpu_hours.energy_picousd") }} as energy_cost_usd,
    gpu_hours.carbon_grams,
    {{ usd("gpu_hours.opex_picousd") }} as opex_cost_usd,
    {{ usd("gpu_hours.overhead_picousd") }} as overhead_cost_usd,
    {{ usd("gpu_hours.direct_picousd + gpu_hours.overhead_picousd") }} as asset_cost_usd,
    cast(held.allocated_cost_usd as decimal(38, 12)) as allocated_cost_usd,
    cast(held.idle_cost_usd as decimal(38, 12)) as idle_cost_usd,
    utilization.gpu_utilization_ratio,
    utilization.sm_active_ratio,
    utilization.tensor_active_ratio,
    utilization.dram_active_ratio,
    utilization.memory_used_ratio,
    utilization.productive_ratio,
    utilization.power_watts,
    coalesce(cast(gpu_hours.covered_seconds as double) / 3600, 0) as telemetry_coverage_ratio,
    {{ star_key("held.largest.team_id") }} as team_key,
    {{ model_key("'self_hosted'", "held.largest.model_name") }} as model_key,
    {{ star_key("gpu_hours.gpu_uuid") }} as gpu_key
from gpu_hours
inner join
    held on gpu_hours.gpu_uuid = held.gpu_uuid and gpu_hours.hour_start_at = held.hour_start_at
left join
    utilization
    on gpu_hours.gpu_uuid = utilization.gpu_uuid
    and gpu_hours.hour_start_at = utilization.hour_start_at
