-- One row per deployment of a model, or training job.
with deployments as (select * from {{ ref("stg_ledger__deployments") }})

select
    deployment_id,
    workload,
    model_name,
    host_name,
    gpu_indices,
    gpu_share_ratio,
    pod_name_prefix,
    team_id,
    tensor_parallel_size,
    pipeline_parallel_size,
    quantization,
    is_kept_warm,
    started_at,
    ended_at
from deployments
