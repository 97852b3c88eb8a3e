-- One row per job of a scheduler and start, with who pays for it and what it makes. A job still
-- running when it was last told has run for as long as was told.
with
    jobs as (select * from {{ ref("stg_landing__gpu_jobs") }}),

    owners as (select * from {{ ref("stg_ledger__gpu_job_owners") }}),

    -- one scheduler may be told of by several instances
    told_once as (
        select
            *,
            coalesce(
                ended_at, started_at + to_seconds(coalesce(elapsed_seconds, 0))
            ) as held_until_at
        from jobs
        qualify
            row_number() over (
                partition by coalesce(cluster_name, ''), job_id, started_at
                order by delivered_at desc nulls last, source asc, source_instance asc
            )
            = 1
    ),

    matched as (
        select
            told_once.cluster_name,
            told_once.job_id,
            told_once.started_at,
            min_by(owners, owners.preference) as owner
        from told_once
        inner join
            owners
            on (owners.cluster_name is null or owners.cluster_name = told_once.cluster_name)
            and (owners.account_name is null or owners.account_name = told_once.account_name)
            and (
                owners.job_name_prefix is null
                or starts_with(told_once.job_name, owners.job_name_prefix)
            )
        group by told_once.cluster_name, told_once.job_id, told_once.started_at
    )

select
    concat_ws('/', told_once.cluster_name, told_once.job_id) as holder_id,
    told_once.*,
    matched.owner.team_id,
    matched.owner.workload,
    coalesce(matched.owner.model_name, '') as model_name
from told_once
left join
    matched
    on told_once.cluster_name is not distinct from matched.cluster_name
    and told_once.job_id = matched.job_id
    and told_once.started_at = matched.started_at
