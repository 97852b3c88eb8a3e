-- One row per hour, GPU and holder, with its weight: microseconds x parts of the GPU; the weights
-- of a GPU hour sum to whole_gpu_hour(). Jobs take theirs first, then deployments what the ledger
-- says or, where a deployment names its pods, what telemetry saw; pods that no deployment names
-- hold what is left, and the rest is nobody's.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1, with_holes=true, follow_events=true, follow_gpus=true) }}",
    )
}}
{%- set hour_end_at = "gpu_hours.hour_start_at + interval 1 hour" %}
with
    gpu_hours as (
        select *
        from {{ ref("int_gpu_hours_spined") }}
        where
            {{
                is_rebuilt(
                    "usage_date",
                    days_before=1,
                    with_holes=true,
                    follow_events=true,
                    follow_gpus=true,
                )
            }}
    ),

    jobs as (select * from {{ ref("int_gpu_job_placements") }}),

    placements as (select * from {{ ref("int_gpu_placements_unnested") }}),

    deployments as (select * from {{ ref("stg_ledger__deployments") }}),

    attributions as (select * from {{ ref("int_gpu_attributions_hourly") }}),

    known_jobs as (select distinct job_id from {{ ref("int_gpu_jobs_owned") }}),

    loads as (select * from {{ ref("int_models_served_hourly") }}),

    of_jobs as (
        select
            gpu_hours.gpu_uuid,
            gpu_hours.hour_start_at,
            jobs.holder_id,
            jobs.started_at,
            jobs.ended_at,
            {{
                shared_microseconds(
                    "jobs.started_at", "jobs.ended_at", "gpu_hours.hour_start_at", hour_end_at
                )
            }} as held_microseconds
        from gpu_hours
        inner join
            jobs
            on gpu_hours.gpu_uuid = jobs.gpu_uuid
            and jobs.started_at < {{ hour_end_at }}
            and jobs.ended_at > gpu_hours.hour_start_at
    ),

    of_placements as (
        select
            gpu_hours.gpu_uuid,
            gpu_hours.hour_start_at,
            placements.deployment_id,
            placements.gpu_parts,
            {{
                shared_microseconds(
                    "placements.started_at",
                    "placements.ended_at",
                    "gpu_hours.hour_start_at",
                    hour_end_at,
                )
            }} as held_microseconds,
            greatest(placements.started_at, gpu_hours.hour_start_at) as held_from_at,
            least(placements.ended_at, {{ hour_end_at }}) as held_until_at
        from gpu_hours
        inner join
            placements
            on gpu_hours.gpu_uuid = placements.gpu_uuid
            and placements.started_at < {{ hour_end_at }}
            and placements.ended_at > gpu_hours.hour_start_at
        where
            placements.pod_name_prefix is null
            or not exists (
                select 1
                from attributions
                where
                    attributions.gpu_uuid = gpu_hours.gpu_uuid
                    and attributions.hour_start_at = gpu_hours.hour_start_at
            )
    ),

    -- a job that runs on a deployment's GPU takes its time away
    displaced as (
        select
            of_placements.gpu_uuid,
            of_placements.hour_start_at,
            of_placements.deployment_id,
            sum(
                {{
                    shared_microseconds(
                        "of_placements.held_from_at",
                        "of_placements.held_until_at",
                        "of_jobs.started_at",
                        "of_jobs.ended_at",
                    )
                }}
            ) as lost_microseconds
        from of_placements
        inner join
            of_jobs
            on of_placements.gpu_uuid = of_jobs.gpu_uuid
            and of_placements.hour_start_at = of_jobs.hour_start_at
        group by of_placements.gpu_uuid, of_placements.hour_start_at, of_placements.deployment_id
    ),

    told as (
        select
            gpu_uuid,
            hour_start_at,
            'job' as holder_kind,
            holder_id,
            held_microseconds * cast({{ whole_gpu_parts() }} as bigint) as weight
        from of_jobs
        union all by name
        select
            of_placements.gpu_uuid,
            of_placements.hour_start_at,
            'deployment' as holder_kind,
            of_placements.deployment_id as holder_id,
            (of_placements.held_microseconds - coalesce(displaced.lost_microseconds, 0))
            * of_placements.gpu_parts as weight
        from of_placements
        left join
            displaced
            on of_placements.gpu_uuid = displaced.gpu_uuid
            and of_placements.hour_start_at = displaced.hour_start_at
            and of_placements.deployment_id = displaced.deployment_id
    ),

    told_sums as (
        select gpu_uuid, hour_start_at, cast(sum(weight) as bigint) as weight
        from told
        group by gpu_uuid, hour_start_at
    ),

    -- jobs that the scheduler tells of are counted by what it tells
    seen as (
        select
            attributions.gpu_uuid,
            attributions.hour_start_at,
            case
                when attributions.deployment_id is not null
                then 'deployment'
                when attributions.pod_id is not null
                then 'pod'
                else 'job'
            end as holder_kind,
            coalesce(
                attributions.deployment_id, attributions.pod_id, attributions.job_id
            ) as holder_id,
            attributions.weight,
            greatest({{ whole_gpu_hour() }} - coalesce(told_sums.weight, 0), 0) as free_weight
        from attributions
        semi join
            gpu_hours
            on attributions.gpu_uuid = gpu_hours.gpu_uuid
            and attributions.hour_start_at = gpu_hours.hour_start_at
        left join
            told_sums
            on attributions.gpu_uuid = told_sums.gpu_uuid
            and attributions.hour_start_at = told_sums.hour_start_at
        where
            attributions.weight > 0
            and (
                attributions.job_id is null
                or attributions.job_id not in (select job_id from known_jobs)
            )
    ),

    fitted as (
        select
            gpu_uuid,
            hour_start_at,
            holder_kind,
            holder_id,
            {{
                whole_quotient(
                    "weight * cast(free_weight as hugeint)",
                    "greatest(sum(weight) over (partition by gpu_uuid, hour_start_at),"
                    ~ " free_weight, 1)",
                )
            }} as weight
        from seen
    ),

    parts as (
        select *
        from told
        union all
        select *
        from fitted
    ),

    held as (
        select
            gpu_uuid, hour_start_at, holder_kind, holder_id, cast(sum(weight) as bigint) as weight
        from parts
        where weight > 0
        group by gpu_uuid, hour_start_at, holder_kind, holder_id
    ),

    -- less than a millisecond is a rounding, not a rest
    rest as (
        select
            gpu_hours.gpu_uuid,
            gpu_hours.hour_start_at,
            'none' as holder_kind,
            '' as holder_id,
            {{ whole_gpu_hour() }} - coalesce(sum(held.weight), 0) as weight
        from gpu_hours
        left join
            held
            on gpu_hours.gpu_uuid = held.gpu_uuid
            and gpu_hours.hour_start_at = held.hour_start_at
        group by gpu_hours.gpu_uuid, gpu_hours.hour_start_at
        having weight >= cast(1000 as bigint) * {{ whole_gpu_parts() }}
    ),

    holders as (
        select *
        from held
        union all
        select *
        from rest
    ),

    job_facts as (
        select
            holder_id,
            any_value(job_id) as job_id,
            max(workload) as workload,
            max(model_name) as model_name,
            max(team_id) as team_id
        from {{ ref("int_gpu_jobs_owned") }}
        group by holder_id
    ),

    described as (
        select
            gpu_hours.usage_date,
            gpu_hours.hour_start_at,
            gpu_hours.gpu_uuid,
            gpu_hours.host_name,
            holders.holder_kind,
            holders.holder_id,
            deployments.deployment_id,
            case
                when holders.holder_kind = 'job' then coalesce(job_facts.job_id, holders.holder_id)
            end as job_id,
            coalesce(deployments.workload, job_facts.workload) as workload,
            coalesce(deployments.model_name, job_facts.model_name, '') as model_name,
            coalesce(deployments.team_id, job_facts.team_id) as team_id,
            deployments.is_kept_warm,
            holders.weight
        from gpu_hours
        inner join
            holders
            on gpu_hours.gpu_uuid = holders.gpu_uuid
            and gpu_hours.hour_start_at = holders.hour_start_at
        left join
            deployments
            on holders.holder_kind = 'deployment'
            and holders.holder_id = deployments.deployment_id
        left join
            job_facts on holders.holder_kind = 'job' and holders.holder_id = job_facts.holder_id
    ),

    judged as (
        select
            described.* exclude (is_kept_warm, weight),
            case
                when described.holder_kind = 'none'
                then 'no_deployment'
                when coalesce(described.workload, '') != 'inference'
                then null
                when loads.has_only_failures
                then 'failed_requests'
                when loads.model_name is not null
                then null
                when described.is_kept_warm
                then 'keep_warm'
                else 'no_load'
            end as idle_cause,
            cast(described.weight as bigint) as weight
        from described
        left join
            loads
            on described.hour_start_at = loads.hour_start_at
            and described.model_name = loads.model_name
            and described.workload = 'inference'
    )

select *, if(idle_cause is null, 'allocated', 'idle') as allocation_status
from judged
