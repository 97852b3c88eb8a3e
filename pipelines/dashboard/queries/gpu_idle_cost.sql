-- One row for each week (Monday first) and cause of idleness.
with
    days as (
        select date_trunc('week', usage_date)::date as week, count(distinct usage_date) as days
        from fct_gpu_hours, meterhouse_snapshot
        where usage_date > data_through - 366 and usage_date <= data_through
        group by all
    )
select
    week,
    week + 7 as week_end,
    days.days,
    case
        idle_cause
        when 'no_deployment'
        then 'no deployment'
        when 'no_load'
        then 'deployed, no load'
        when 'keep_warm'
        then 'kept warm'
        when 'failed_requests'
        then 'failed requests'
        else coalesce(idle_cause, 'cause unknown')
    end as series,
    case
        idle_cause
        when 'no_deployment'
        then 1
        when 'no_load'
        then 2
        when 'keep_warm'
        then 3
        when 'failed_requests'
        then 4
        else 5
    end as place,
    round(sum(gpu_hours))::bigint as gpu_hours,
    sum(direct_cost_usd) as cost_usd
from fct_gpu_allocations_hourly
join days on week = date_trunc('week', usage_date)::date
cross join meterhouse_snapshot
where allocation_status = 'idle' and usage_date > data_through - 366 and usage_date <= data_through
group by all
order by week, place
