-- One row per job of a scheduler and start, as it was last told.
with jobs as (select * from {{ ref("stg_landing__gpu_jobs") }})

select
    job_id,
    cluster_name,
    job_name,
    user_id,
    account_name,
    partition_name,
    state,
    cast(started_at as date) as usage_date,
    started_at,
    ended_at,
    elapsed_seconds,
    gpu_count,
    gpu_type,
    node_names,
    cast(elapsed_seconds * gpu_count as double) / 3600 as gpu_hours,
    gpu_utilization_ratio,
    cast(energy_joules as double) as energy_joules,
    source,
    source_instance,
    file_name,
    line_number
from jobs
