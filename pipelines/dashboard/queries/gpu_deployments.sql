-- One row for each holder of GPUs in the period, dearest first.
with
    held as (
        select
            holder_id,
            model_name,
            sum(gpu_hours) as gpu_hours,
            sum(direct_cost_usd) as direct_usd,
            sum(direct_cost_usd) filter (allocation_status = 'idle') as idle_usd,
            sum(overhead_cost_usd) as overhead_usd
        from fct_gpu_allocations_hourly
        where
            usage_date between $first and $last
            and ($model is null or model_name = $model)
            and ($host is null or host_name = $host)
        group by holder_id, model_name
    ),
    busy as (
        select
            holder_id,
            sum(
                (gpu_utilization_ratio * gpu_hours * gpu_utilization_coverage_ratio)::decimal(38, 9)
            ) / nullif(
                sum((gpu_hours * gpu_utilization_coverage_ratio)::decimal(38, 9)) filter (
                    gpu_utilization_ratio is not null
                ),
                0
            ) as utilization,
            sum(served_tokens::decimal(38, 3)) / nullif(
                sum(gpu_hours * 3600) filter (served_tokens is not null), 0
            ) as tokens_per_gpu_second
        from fct_gpu_efficiency_hourly
        where usage_date between $first and $last
        group by holder_id
    )
select
    coalesce(nullif(held.holder_id, ''), 'no deployment') as holder,
    coalesce(model_name, '') as model,
    gpu_hours,
    direct_usd,
    coalesce(idle_usd, 0) as idle_usd,
    overhead_usd,
    utilization,
    tokens_per_gpu_second
from held
left join busy on held.holder_id is not distinct from busy.holder_id
order by direct_usd desc nulls last, holder
