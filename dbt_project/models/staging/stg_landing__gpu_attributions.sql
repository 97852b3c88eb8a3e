-- One row per exporter, GPU or MIG instance, pod or job, and moment. Containers of one pod are one.
with source as (select * from {{ source("landing", "gpu_attributions") }})

select distinct
    date as usage_date,
    source || '/' || source_instance as exporter_name,
    gpu_uuid,
    sampled_at,
    mig_instance_id,
    coalesce(namespace_name, '') as namespace_name,
    pod_name,
    job_id
from source
where pod_name is not null or job_id is not null
