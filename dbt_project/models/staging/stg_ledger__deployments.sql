-- One row per deployment of a model, or training job, on GPUs of one host.
with
    source as (select * from {{ source("ledger", "deployments") }}),

    renamed as (
        select
            deployment_id,
            workload,
            model_name,
            host_name,
            gpu_indices,
            gpu_share_ratio,
            nullif(pod_name_prefix, '') as pod_name_prefix,
            team_id,
            cast(tensor_parallel_size as bigint) as tensor_parallel_size,
            cast(pipeline_parallel_size as bigint) as pipeline_parallel_size,
            quantization,
            coalesce(keep_warm = 'yes', false) as is_kept_warm,
            started_at,
            ended_at
        from source
    )

select *
from renamed
