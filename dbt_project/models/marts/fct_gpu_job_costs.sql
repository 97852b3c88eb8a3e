-- One row per job of a scheduler or training deployment of the ledger: the GPU hours it held and
-- what they cost. A job whose GPUs no ledger knows has no cost (NULL), not 0.
with
    allocations as (
        select *
        from {{ ref("fct_gpu_allocations_hourly") }}
        where holder_kind = 'job' or workload in ('training', 'batch')
    ),

    gpu_hours as (select * from {{ ref("fct_gpu_hours") }}),

    deployments as (select * from {{ ref("stg_ledger__deployments") }}),

    jobs as (
        select
            'job' as holder_kind,
            holder_id,
            any_value(job_id) as job_id,
            max(job_name) as job_name,
            max(cluster_name) as cluster_name,
            max(account_name) as account_name,
            max(user_id) as user_id,
            max(workload) as workload,
            max(model_name) as model_name,
            max(team_id) as team_id,
            min(started_at) as started_at,
            max(held_until_at) as ended_at,
            cast(sum(elapsed_seconds * gpu_count) as double) / 3600 as told_gpu_hours
        from {{ ref("int_gpu_jobs_owned") }}
        where gpu_count > 0
        group by holder_id
    ),

    held as (
        select
            allocations.holder_kind,
            allocations.holder_id,
            any_value(allocations.job_id) as job_id,
            any_value(allocations.deployment_id) as deployment_id,
            max(allocations.workload) as workload,
            max(allocations.model_name) as model_name,
            max(allocations.team_id) as team_id,
            min(allocations.hour_start_at) as first_hour_at,
            max(allocations.hour_start_at) + interval 1 hour as last_hour_at,
            sum(allocations.gpu_hours) as gpu_hours,
            sum(
                cast(allocations.gpu_hours as decimal(18, 12))
                * cast(gpu_hours.energy_joules as decimal(18, 6))
            ) as energy_joules,
            {% for cost in [
                "amortized",
                "lease",
                "energy",
                "opex",
                "direct",
                "overhead",
            ] -%}
                cast(
                    sum(allocations.{{ cost }}_cost_usd) as decimal(38, 12)
                ) as {{ cost }}_cost_usd{{ "," if not loop.last }}
            {% endfor %}
        from allocations
        inner join
            gpu_hours
            on allocations.gpu_uuid = gpu_hours.gpu_uuid
            and allocations.hour_start_at = gpu_hours.hour_start_at
        group by allocations.holder_kind, allocations.holder_id
    )

select
    coalesce(held.holder_kind, jobs.holder_kind) as holder_kind,
    coalesce(held.holder_id, jobs.holder_id) as holder_id,
    coalesce(jobs.job_id, held.job_id) as job_id,
    held.deployment_id,
    jobs.job_name,
    jobs.cluster_name,
    jobs.account_name,
    jobs.user_id,
    coalesce(held.team_id, jobs.team_id) as team_id,
    coalesce(held.workload, jobs.workload) as workload,
    coalesce(held.model_name, jobs.model_name) as model_name,
    coalesce(jobs.started_at, deployments.started_at, held.first_hour_at) as started_at,
    coalesce(jobs.ended_at, deployments.ended_at, held.last_hour_at) as ended_at,
    jobs.told_gpu_hours,
    cast(coalesce(held.gpu_hours, 0) as decimal(38, 12)) as gpu_hours,
    cast(held.energy_joules as double) as energy_joules,
    held.amortized_cost_usd,
    held.lease_cost_usd,
    held.energy_cost_usd,
    held.opex_cost_usd,
    held.direct_cost_usd,
    held.overhead_cost_usd
from held
full join jobs on held.holder_kind = jobs.holder_kind and held.holder_id = jobs.holder_id
left join deployments on held.deployment_id = deployments.deployment_id
