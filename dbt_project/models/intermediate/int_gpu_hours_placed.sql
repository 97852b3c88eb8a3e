-- One row per GPU hour that a deployment holds. The whole hour goes to whoever held most of it:
-- the longest deployment, unless the GPU stood without any for longer still.
with
    gpu_hours as (select * from {{ ref("int_gpu_hours_spined") }}),

    placements as (select * from {{ ref("int_gpu_placements_unnested") }}),

    held as (
        select
            gpu_hours.usage_date,
            gpu_hours.hour_start_at,
            gpu_hours.gpu_uuid,
            placements.deployment_id,
            placements.workload,
            placements.model_name,
            placements.team_id,
            placements.started_at,
            {{
                seconds_between(
                    "greatest(placements.started_at, gpu_hours.hour_start_at)",
                    "least(placements.ended_at, gpu_hours.hour_start_at + interval 1 hour)",
                )
            }} as held_seconds
        from gpu_hours
        inner join
            placements
            on gpu_hours.gpu_uuid = placements.gpu_uuid
            and placements.started_at < gpu_hours.hour_start_at + interval 1 hour
            and placements.ended_at > gpu_hours.hour_start_at
    ),

    ranked as (
        select
            *,
            3600 - sum(held_seconds) over same_gpu_hour as free_seconds,
            row_number() over (
                same_gpu_hour order by held_seconds desc, started_at asc, deployment_id asc
            ) as held_rank
        from held
        window same_gpu_hour as (partition by usage_date, gpu_uuid, hour_start_at)
    )

select * exclude (started_at, held_rank)
from ranked
where held_rank = 1 and held_seconds >= free_seconds
