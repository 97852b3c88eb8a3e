-- One row per day, team and model that held GPUs: mean power and mean memory used over the day's 24
-- hours, by the time held. Hours that nothing measured are taken as those that were; a day of which
-- less than half was measured is not known (NULL), and never zero. Sums are of decimals: those of
-- doubles differ with the order in which threads come by, and forecasts with them.
with
    allocations as (select * from {{ ref("fct_gpu_allocations_hourly") }}),

    gpu_hours as (select * from {{ ref("fct_gpu_hours") }}),

    gpus as (select * from {{ ref("dim_gpus") }}),

    held as (
        select
            allocations.usage_date,
            coalesce(allocations.team_id, 'unattributed') as team_id,
            allocations.model_name,
            allocations.gpu_hours as held_hours,
            gpu_hours.power_watts,
            gpu_hours.memory_used_ratio * gpus.memory_gib * 1073741824 as memory_used_bytes
        from allocations
        inner join
            gpu_hours
            on allocations.gpu_uuid = gpu_hours.gpu_uuid
            and allocations.hour_start_at = gpu_hours.hour_start_at
        inner join gpus on allocations.gpu_uuid = gpus.gpu_uuid
    )

select
    usage_date,
    team_id,
    model_name,
    {%- for measure in ["power_watts", "memory_used_bytes"] %}
        if(
            sum(held_hours) filter ({{ measure }} is not null) >= sum(held_hours) / 2,
            cast(sum(cast({{ measure }} * held_hours as decimal(38, 6))) as double)
            / cast(sum(held_hours) filter ({{ measure }} is not null) as double)
            * cast(sum(held_hours) as double)
            / 24,
            null
        ) as {{ measure }}{{ "," if not loop.last }}
    {%- endfor %}
from held
where held_hours > 0
group by usage_date, team_id, model_name
