-- One row per hour, GPU, MIG instance (or partition) and profile that telemetry read: how busy the
-- slice was, how much of the hour each ratio covers, and who held it most, where telemetry says so.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1, follow_gpus=true) }}",
    )
}}
{%- set rebuilt = is_rebuilt("usage_date", days_before=1, follow_gpus=true) %}
{%- set ratios = [
    "gpu_utilization",
    "graphics_engine_active",
    "sm_active",
    "tensor_active",
    "dram_active",
    "memory_used",
    "productive",
] %}
with
    slices as (select * from {{ ref("int_mig_utilization_hourly") }} where {{ rebuilt }}),

    attributions as (select * from {{ ref("int_gpu_attributions_hourly") }} where {{ rebuilt }}),

    gpus as (select * from {{ ref("stg_ledger__gpus") }}),

    deployments as (select * from {{ ref("stg_ledger__deployments") }}),

    jobs as (
        select
            job_id,
            max(holder_id) as holder_id,
            max(workload) as workload,
            max(model_name) as model_name,
            max(team_id) as team_id
        from {{ ref("int_gpu_jobs_owned") }}
        group by job_id
    ),

    -- an exporter that names pods or jobs says of the other slices that nobody held them
    watched as (select distinct gpu_uuid, hour_start_at from attributions),

    held as (
        select
            *, count(*) over (partition by gpu_uuid, hour_start_at, mig_instance_id) as holder_count
        from attributions
        where mig_instance_id is not null and weight > 0
        qualify
            row_number() over (
                partition by gpu_uuid, hour_start_at, mig_instance_id
                order by weight desc, deployment_id asc, pod_id asc, job_id asc
            )
            = 1
    ),

    described as (
        select
            slices.*,
            coalesce(gpus.host_name, slices.host_name) as known_host_name,
            coalesce(gpus.gpu_model, slices.gpu_model) as known_gpu_model,
            {{ mig_parts("slices.mig_profile", "gpus.memory_gib", "slices.slice_count") }}
            / {{ whole_gpu_parts() }} as gpu_share_ratio,
            case
                when held.deployment_id is not null
                then 'deployment'
                when held.pod_id is not null
                then 'pod'
                when held.job_id is not null
                then 'job'
                when watched.gpu_uuid is not null
                then 'none'
            end as holder_kind,
            coalesce(held.deployment_id, held.pod_id, jobs.holder_id, held.job_id, '') as holder_id,
            case
                when watched.gpu_uuid is not null then coalesce(held.holder_count, 0)
            end as holder_count,
            held.deployment_id,
            coalesce(deployments.workload, jobs.workload) as workload,
            coalesce(deployments.model_name, jobs.model_name, '') as model_name,
            coalesce(deployments.team_id, jobs.team_id) as team_id
        from slices
        left join gpus on slices.gpu_uuid = gpus.gpu_uuid
        left join
            watched
            on slices.gpu_uuid = watched.gpu_uuid
            and slices.hour_start_at = watched.hour_start_at
        left join
            held
            on slices.gpu_uuid = held.gpu_uuid
            and slices.hour_start_at = held.hour_start_at
            and slices.mig_instance_id = held.mig_instance_id
        left join deployments on held.deployment_id = deployments.deployment_id
        left join jobs on held.job_id = jobs.job_id
    )

select
    hour_start_at,
    usage_date,
    gpu_uuid,
    known_host_name as host_name,
    known_gpu_model as gpu_model,
    mig_instance_id,
    mig_profile,
    gpu_share_ratio,
    holder_kind,
    holder_id,
    holder_count,
    deployment_id,
    workload,
    model_name,
    team_id,
    sample_count,
    cast(covered_seconds as double) / 3600 as telemetry_coverage_ratio,
    {% for ratio in ratios -%}
        {{ ratio }}_ratio,
        cast({{ ratio }}_seconds as double) / 3600 as {{ ratio }}_coverage_ratio
        {{- "," if not loop.last }}
    {% endfor %}
from described
