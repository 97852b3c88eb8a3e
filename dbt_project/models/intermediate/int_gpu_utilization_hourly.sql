-- One row per GPU and hour with samples. Means are sums of decimals, so that order changes nothing.
-- Productive is the share of samples in which the GPU was busy beyond `productive_ratio`: its
-- multiprocessors, or where they are not told, its kernels.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1) }}",
    )
}}
with
    samples as (
        select *
        from {{ ref("stg_landing__gpu_samples") }}
        where {{ is_rebuilt("usage_date", days_before=1) }}
    ),

    ratios as (
        select
            *,
            case
                when memory_total_bytes > 0 then memory_used_bytes / memory_total_bytes
            end as memory_used_ratio,
            cast(
                coalesce(sm_active_ratio, gpu_utilization_ratio)
                > {{ var("productive_ratio") }} as integer
            ) as productive_ratio
        from samples
    ),

    averaged as (
        select
            usage_date,
            {{ hour_of("sampled_at") }} as hour_start_at,
            gpu_uuid,
            {% for column in [
                "gpu_utilization_ratio",
                "sm_active_ratio",
                "tensor_active_ratio",
                "dram_active_ratio",
                "memory_used_ratio",
                "productive_ratio",
                "power_watts",
            ] %}
                sum(cast({{ column }} as decimal(18, 9)))
                / nullif(count({{ column }}), 0) as {{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from ratios
        group by usage_date, {{ hour_of("sampled_at") }}, gpu_uuid
    )

select *
from averaged
