-- One row per deployment and GPU it holds, with the part of the GPU.
with
    deployments as (select * from {{ ref("stg_ledger__deployments") }}),

    gpus as (select * from {{ ref("int_gpus_in_service") }}),

    indices as (
        select *, cast(unnest(regexp_extract_all(gpu_indices, '[0-9]+')) as bigint) as gpu_index
        from deployments
    ),

    -- an index can pass to another GPU: the one in service when the deployment ran
    placed as (
        select
            indices.deployment_id,
            indices.workload,
            indices.model_name,
            indices.team_id,
            indices.is_kept_warm,
            indices.pod_name_prefix,
            cast(
                coalesce(indices.gpu_share_ratio, 1) * {{ whole_gpu_parts() }} as bigint
            ) as gpu_parts,
            gpus.gpu_uuid,
            greatest(indices.started_at, gpus.service_start_at) as started_at,
            least(
                coalesce(indices.ended_at, timestamp '9999-12-31'), gpus.service_end_at
            ) as ended_at
        from indices
        inner join gpus on indices.host_name = gpus.host_name and indices.gpu_index = gpus.gpu_index
    )

select *
from placed
where started_at < ended_at
