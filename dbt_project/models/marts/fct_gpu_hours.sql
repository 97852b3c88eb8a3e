-- One row per GPU and hour in service: what it cost, who held it, whether it worked.
-- allocated + idle + overhead = asset cost. A GPU that holds a model nobody called is idle.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1, with_holes=true, follow_events=true) }}",
    )
}}
with
    gpu_hours as (
        select *
        from {{ ref("int_gpu_hours_costed") }}
        where {{ is_rebuilt("usage_date", days_before=1, with_holes=true, follow_events=true) }}
    ),

    placements as (select * from {{ ref("int_gpu_hours_placed") }}),

    loads as (select * from {{ ref("int_models_served_hourly") }}),

    utilization as (select * from {{ ref("int_gpu_utilization_hourly") }}),

    judged as (
        select
            gpu_hours.*,
            placements.deployment_id,
            placements.workload,
            coalesce(placements.model_name, '') as model_name,
            placements.team_id,
            case
                when placements.workload = 'training' or loads.model_name is not null
                then 'allocated'
                else 'idle'
            end as allocation_status,
            case
                when placements.deployment_id is null
                then 'no_deployment'
                when placements.workload = 'inference' and loads.model_name is null
                then 'no_load'
            end as idle_cause,
            utilization.gpu_utilization_ratio,
            utilization.sm_active_ratio,
            utilization.memory_used_ratio,
            utilization.power_watts,
            amortized_picousd + coalesce(energy_picousd, 0) + opex_picousd as direct_picousd
        from gpu_hours
        left join
            placements
            on gpu_hours.gpu_uuid = placements.gpu_uuid
            and gpu_hours.hour_start_at = placements.hour_start_at
        left join
            loads
            on placements.hour_start_at = loads.hour_start_at
            and placements.model_name = loads.model_name
            and placements.workload = 'inference'
        left join
            utilization
            on gpu_hours.gpu_uuid = utilization.gpu_uuid
            and gpu_hours.hour_start_at = utilization.hour_start_at
    )

select
    hour_start_at,
    usage_date,
    gpu_uuid,
    host_name,
    gpu_model,
    deployment_id,
    workload,
    model_name,
    team_id,
    allocation_status,
    idle_cause,
    {{ usd("amortized_picousd") }} as amortized_cost_usd,
    cast(energy_joules as double) as energy_joules,
    {{ usd("energy_picousd") }} as energy_cost_usd,
    {{ usd("opex_picousd") }} as opex_cost_usd,
    {{ usd("overhead_picousd") }} as overhead_cost_usd,
    {{ usd("direct_picousd + overhead_picousd") }} as asset_cost_usd,
    {{ usd("case allocation_status when 'allocated' then direct_picousd else 0 end") }}
    as allocated_cost_usd,
    {{ usd("case allocation_status when 'idle' then direct_picousd else 0 end") }} as idle_cost_usd,
    gpu_utilization_ratio,
    sm_active_ratio,
    memory_used_ratio,
    power_watts,
    coalesce(cast(covered_seconds as double) / 3600, 0) as telemetry_coverage_ratio
from judged
