-- One row per hour and model that deployments held GPUs for: the way it was served, what of its
-- GPU hours had load, and the tokens. Served in several ways, it is mixed and no way is named.
with
    allocations as (
        select *
        from {{ ref("fct_gpu_allocations_hourly") }}
        where holder_kind = 'deployment' and workload = 'inference'
    ),

    deployments as (select * from {{ ref("dim_deployments") }}),

    gpu_hours as (select * from {{ ref("fct_gpu_hours") }}),

    usage as (
        select
            hour_start_at,
            model_name,
            sum(request_count) as request_count,
            sum(input_tokens) as input_tokens,
            sum(output_tokens) as output_tokens,
            sum(total_tokens) as total_tokens
        from {{ ref("fct_usage_hourly") }}
        where is_self_hosted
        group by hour_start_at, model_name
    ),

    held as (
        select
            allocations.*,
            gpu_hours.gpu_model,
            deployments.quantization,
            deployments.tensor_parallel_size,
            deployments.pipeline_parallel_size,
            concat_ws(
                '/',
                gpu_hours.gpu_model,
                coalesce(deployments.quantization, '?'),
                coalesce(deployments.tensor_parallel_size, 0),
                coalesce(deployments.pipeline_parallel_size, 0)
            ) as configuration_name,
            -- decimals: sums of doubles depend on their order
            cast(allocations.gpu_hours as decimal(18, 12))
            * cast(gpu_hours.energy_joules as decimal(18, 6)) as held_joules,
            cast(allocations.gpu_hours as decimal(18, 12))
            * cast(gpu_hours.telemetry_coverage_ratio as decimal(18, 9)) as covered_hours
        from allocations
        inner join deployments on allocations.deployment_id = deployments.deployment_id
        inner join
            gpu_hours
            on allocations.gpu_uuid = gpu_hours.gpu_uuid
            and allocations.hour_start_at = gpu_hours.hour_start_at
    ),

    served_hours as (
        select
            hour_start_at,
            any_value(usage_date) as usage_date,
            model_name,
            count(distinct configuration_name) > 1 as is_mixed,
            case when not is_mixed then any_value(gpu_model) end as gpu_model,
            case when not is_mixed then any_value(quantization) end as quantization,
            case when not is_mixed then any_value(tensor_parallel_size) end as tensor_parallel_size,
            case
                when not is_mixed then any_value(pipeline_parallel_size)
            end as pipeline_parallel_size,
            sum(gpu_hours) filter (allocation_status = 'allocated') as loaded_gpu_hours,
            sum(gpu_hours) filter (allocation_status = 'idle') as idle_gpu_hours,
            sum(direct_cost_usd) filter (allocation_status = 'allocated') as loaded_cost_usd,
            sum(direct_cost_usd) filter (allocation_status = 'idle') as idle_cost_usd,
            sum(held_joules) filter (allocation_status = 'allocated') as energy_joules,
            sum(covered_hours) filter (allocation_status = 'allocated') as covered_gpu_hours
        from held
        group by hour_start_at, model_name
    )

select
    served_hours.*, usage.request_count, usage.input_tokens, usage.output_tokens, usage.total_tokens
from served_hours
left join
    usage
    on served_hours.hour_start_at = usage.hour_start_at
    and served_hours.model_name = usage.model_name
