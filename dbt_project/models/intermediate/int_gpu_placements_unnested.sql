-- One row per deployment and GPU it holds.
with
    deployments as (select * from {{ ref("stg_ledger__deployments") }}),

    gpus as (select * from {{ ref("stg_ledger__gpus") }}),

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
            gpus.gpu_uuid,
            greatest(indices.started_at, cast(gpus.in_service_date as timestamp)) as started_at,
            least(
                coalesce(indices.ended_at, timestamp '9999-12-31'),
                coalesce(cast(gpus.retired_date as timestamp), timestamp '9999-12-31')
            ) as ended_at
        from indices
        inner join gpus on indices.host_name = gpus.host_name and indices.gpu_index = gpus.gpu_index
    )

select *
from placed
where started_at < ended_at
