-- One row per pool of GPUs and day: hours in service, and hours held by somebody who worked. A pool
-- is a host or a GPU model of the fleet. Of the 90 days to come what the fleet's ledger tells.
with
    allocations as (select * from {{ ref("fct_gpu_allocations_hourly") }}),

    in_service as (select * from {{ ref("int_gpus_in_service") }}),

    days as (select max(usage_date) as last_date from {{ ref("int_days_covered") }}),

    past as (
        select
            allocations.usage_date,
            in_service.host_name,
            in_service.gpu_model,
            allocations.gpu_hours as capacity_gpu_hours,
            if(
                allocations.allocation_status = 'allocated', allocations.gpu_hours, 0
            ) as held_gpu_hours
        from allocations
        inner join in_service on allocations.gpu_uuid = in_service.gpu_uuid
    ),

    coming as (
        select
            cast(days.last_date + cast(ahead.days_ahead as integer) as date) as usage_date,
            in_service.host_name,
            in_service.gpu_model,
            cast(24 as decimal(38, 12)) as capacity_gpu_hours,
            cast(null as decimal(38, 12)) as held_gpu_hours
        from in_service
        cross join days
        cross join unnest(range(1, 91)) as ahead(days_ahead)
        where
            in_service.service_start_at <= days.last_date + cast(ahead.days_ahead as integer)
            and in_service.service_end_at > days.last_date + cast(ahead.days_ahead as integer)
    ),

    seen as (
        select *
        from past
        union all
        select *
        from coming
    ),

    of_pools as (
        select
            usage_date,
            unnest(list_distinct([host_name, coalesce(gpu_model, host_name)])) as pool_id,
            capacity_gpu_hours,
            held_gpu_hours
        from seen
    )

select
    usage_date,
    pool_id,
    cast(sum(capacity_gpu_hours) as decimal(38, 12)) as capacity_gpu_hours,
    cast(sum(held_gpu_hours) as decimal(38, 12)) as held_gpu_hours
from of_pools
group by usage_date, pool_id
