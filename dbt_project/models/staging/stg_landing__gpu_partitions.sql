-- One row per exporter, GPU or MIG instance, and moment at which it was read: what the instance is
-- a slice of, and when a reading named nobody.
with source as (select * from {{ source("landing", "gpu_samples") }})

select
    date as usage_date,
    source || '/' || source_instance as exporter_name,
    gpu_uuid,
    sampled_at,
    mig_instance_id,
    max(mig_profile) as mig_profile
from source
group by date, source || '/' || source_instance, gpu_uuid, sampled_at, mig_instance_id
