-- One row per hour, host and holder: how well it used the GPU hours it held. Ratios are means
-- weighted by the time held, over what was measured; beside each stands how much that was.
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
{%- set ratios = [
    "gpu_utilization",
    "sm_active",
    "tensor_active",
    "dram_active",
    "memory_used",
    "productive",
] %}
with
    allocations as (select * from {{ ref("fct_gpu_allocations_hourly") }} where {{ rebuilt }}),

    gpu_hours as (select * from {{ ref("fct_gpu_hours") }} where {{ rebuilt }}),

    usage as (
        select hour_start_at, model_name, sum(total_tokens) as tokens
        from {{ ref("fct_usage_hourly") }}
        where is_self_hosted and {{ rebuilt }}
        group by hour_start_at, model_name
    ),

    engines as (select * from {{ ref("int_engine_activity_hourly") }} where {{ rebuilt }}),

    held as (
        select
            allocations.hour_start_at,
            allocations.usage_date,
            allocations.host_name,
            allocations.holder_kind,
            allocations.holder_id,
            allocations.deployment_id,
            allocations.workload,
            allocations.model_name,
            cast(allocations.gpu_hours as decimal(18, 12)) as gpu_hours,
            {% for ratio in ratios -%}
                cast(gpu_hours.{{ ratio }}_ratio as decimal(18, 9)) as {{ ratio }}_ratio,
            {% endfor -%}
            cast(gpu_hours.energy_joules as decimal(18, 6)) as energy_joules,
            cast(gpu_hours.telemetry_coverage_ratio as decimal(18, 9)) as energy_coverage_ratio
        from allocations
        inner join
            gpu_hours
            on allocations.gpu_uuid = gpu_hours.gpu_uuid
            and allocations.hour_start_at = gpu_hours.hour_start_at
    ),

    summed as (
        select
            hour_start_at,
            usage_date,
            host_name,
            holder_kind,
            holder_id,
            any_value(deployment_id) as deployment_id,
            any_value(workload) as workload,
            any_value(model_name) as model_name,
            sum(gpu_hours) as gpu_hours,
            {% for ratio in ratios -%}
                sum(gpu_hours * {{ ratio }}_ratio) as {{ ratio }}_hours,
                sum(gpu_hours) filter ({{ ratio }}_ratio is not null) as {{ ratio }}_measured_hours,
            {% endfor -%}
            sum(gpu_hours * energy_joules) as energy_joules,
            sum(gpu_hours * energy_coverage_ratio) as energy_measured_hours
        from held
        group by hour_start_at, usage_date, host_name, holder_kind, holder_id
    ),

    -- a model's tokens belong to its deployments by the time they held GPUs
    served as (
        select
            summed.*,
            if(
                summed.workload = 'inference',
                cast(
                    coalesce(
                        nullif(usage.tokens, 0), engines.prompt_tokens + engines.generation_tokens
                    ) as double
                )
                * cast(summed.gpu_hours as double)
                / cast(
                    sum(summed.gpu_hours) over (
                        partition by summed.hour_start_at, summed.workload, summed.model_name
                    ) as double
                ),
                null
            ) as served_tokens
        from summed
        left join
            usage
            on summed.hour_start_at = usage.hour_start_at
            and summed.model_name = usage.model_name
        left join
            engines
            on summed.hour_start_at = engines.hour_start_at
            and summed.model_name = engines.model_name
    )

select
    hour_start_at,
    usage_date,
    host_name,
    holder_kind,
    holder_id,
    deployment_id,
    workload,
    model_name,
    cast(gpu_hours as decimal(38, 12)) as gpu_hours,
    {% for ratio in ratios -%}
        cast({{ ratio }}_hours as double)
        / cast({{ ratio }}_measured_hours as double) as {{ ratio }}_ratio,
        coalesce(cast({{ ratio }}_measured_hours as double), 0)
        / cast(gpu_hours as double) as {{ ratio }}_coverage_ratio,
    {% endfor -%}
    cast(energy_joules as double) as energy_joules,
    cast(energy_measured_hours as double) / cast(gpu_hours as double) as energy_coverage_ratio,
    served_tokens,
    served_tokens / (cast(gpu_hours as double) * 3600) as tokens_per_gpu_second,
    served_tokens
    * cast(energy_measured_hours as double)
    / cast(gpu_hours as double)
    / nullif(cast(energy_joules as double), 0) as tokens_per_joule
from served
where gpu_hours > 0
