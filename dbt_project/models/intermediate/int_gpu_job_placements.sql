-- One row per job and GPU that it held as a whole. Schedulers tell the node and how many GPUs, not
-- which: those that telemetry saw it on that day, then those that no deployment holds while it
-- runs,
-- then the lowest index; never one that an earlier job still holds.
{{ config(materialized="table") }}
with recursive
    jobs as (
        select *
        from {{ ref("int_gpu_jobs_owned") }}
        where gpu_count > 0 and held_until_at > started_at
    ),

    listed as (select * from {{ ref("int_gpu_job_nodes") }}),

    gpus as (select * from {{ ref("int_gpus_in_service") }}),

    deployments as (select * from {{ ref("int_gpu_placements_unnested") }}),

    attributed as (
        select distinct gpu_uuid, job_id, usage_date
        from {{ ref("int_gpu_attributions_hourly") }}
        where job_id is not null
    ),

    nodes as (
        select
            jobs.*,
            listed.position,
            listed.host_name,
            {{ equal_part("jobs.gpu_count", "listed.position - 1", "listed.node_count") }}
            as wanted_gpus
        from jobs
        inner join
            listed on jobs.holder_id = listed.holder_id and jobs.started_at = listed.started_at
    ),

    candidates as (
        select
            nodes.*,
            gpus.gpu_uuid,
            gpus.gpu_index,
            attributed.gpu_uuid is not null as is_seen_there,
            exists (
                select 1
                from deployments
                where
                    deployments.gpu_uuid = gpus.gpu_uuid
                    and deployments.started_at < nodes.held_until_at
                    and deployments.ended_at > nodes.started_at
            ) as is_deployed
        from nodes
        inner join
            gpus
            on nodes.host_name = gpus.host_name
            and nodes.started_at < gpus.service_end_at
            and nodes.held_until_at > gpus.service_start_at
        left join
            attributed
            on nodes.job_id = attributed.job_id
            and gpus.gpu_uuid = attributed.gpu_uuid
            and cast(nodes.started_at as date) = attributed.usage_date
    ),

    wishes as (
        select
            host_name,
            holder_id,
            started_at,
            held_until_at,
            any_value(wanted_gpus) as wanted_gpus,
            list(
                gpu_uuid order by is_seen_there desc, is_deployed asc, gpu_index asc, gpu_uuid asc
            ) as preferred_gpus
        from candidates
        group by host_name, holder_id, started_at, held_until_at
    ),

    -- jobs of a host that do not meet, not even through others, are placed side by side
    met as (
        select
            *,
            started_at >= max(held_until_at) over (
                partition by host_name
                order by started_at, holder_id
                rows between unbounded preceding and 1 preceding
            ) as is_first
        from wishes
    ),

    grouped as (
        select
            *,
            count(*) filter (is_first) over (
                partition by host_name order by started_at, holder_id rows unbounded preceding
            ) as busy_period
        from met
    ),

    queued as (
        select
            *,
            row_number() over (
                partition by host_name, busy_period order by started_at, holder_id
            ) as turn
        from grouped
    ),

    turns as (
        select
            queued.host_name,
            queued.busy_period,
            queued.turn,
            queued.holder_id,
            queued.started_at,
            queued.held_until_at,
            queued.preferred_gpus[1:queued.wanted_gpus] as gpus,
            list_transform(
                queued.preferred_gpus[1:queued.wanted_gpus],
                lambda gpu:struct_pack(gpu := gpu, until_at := queued.held_until_at)
            ) as taken
        from queued
        where queued.turn = 1
        union all
        (
            with
                freed as (
                    select
                        queued.*,
                        list_filter(
                            turns.taken,
                            lambda one:struct_extract(one, 'until_at') > queued.started_at
                        ) as still_taken
                    from turns
                    inner join
                        queued
                        on turns.host_name = queued.host_name
                        and turns.busy_period = queued.busy_period
                        and turns.turn + 1 = queued.turn
                ),

                chosen as (
                    select
                        *,
                        list_filter(
                            preferred_gpus,
                            lambda gpu:
                            not list_contains(
                                list_transform(still_taken, lambda one:struct_extract(one, 'gpu')),
                                gpu
                            )
                        )[1:wanted_gpus] as gpus
                    from freed
                )

            select
                host_name,
                busy_period,
                turn,
                holder_id,
                started_at,
                held_until_at,
                gpus,
                list_concat(
                    still_taken,
                    list_transform(
                        gpus, lambda gpu:struct_pack(gpu := gpu, until_at := held_until_at)
                    )
                ) as taken
            from chosen
        )
    )

select
    turns.holder_id,
    unnest(turns.gpus) as gpu_uuid,
    jobs.job_id,
    jobs.workload,
    jobs.model_name,
    jobs.team_id,
    turns.started_at,
    turns.held_until_at as ended_at
from turns
inner join jobs on turns.holder_id = jobs.holder_id and turns.started_at = jobs.started_at
