-- One row per model version that training or batch jobs made, with what they cost so far.
with jobs as (select * from {{ ref("fct_gpu_job_costs") }})

select
    model_name,
    count(*) as job_count,
    count(*) filter (direct_cost_usd is null) as jobs_without_cost_count,
    min(started_at) as first_started_at,
    max(ended_at) as last_ended_at,
    cast(sum(gpu_hours) as decimal(38, 12)) as gpu_hours,
    cast(sum(cast(energy_joules as decimal(18, 6))) as double) as energy_joules,
    cast(sum(direct_cost_usd) as decimal(38, 12)) as direct_cost_usd,
    cast(sum(overhead_cost_usd) as decimal(38, 12)) as overhead_cost_usd
from jobs
where model_name != ''
group by model_name
