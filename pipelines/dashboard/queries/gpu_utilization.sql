-- One row for each day and host; hosts after the seventh by GPU hours are averaged together.
-- Hours that nothing measured do not count; a day without any is missing, not zero.
with
    hosts as (
        select host_name, row_number() over (order by count(*) desc, host_name) as place
        from fct_gpu_hours
        where usage_date between $chart_first and $last
        group by host_name
    ),
    held as (
        select
            hour_start_at,
            gpu_uuid,
            sum(gpu_hours) filter (allocation_status = 'allocated') as allocated_hours
        from fct_gpu_allocations_hourly
        where usage_date between $chart_first and $last
        group by hour_start_at, gpu_uuid
    )
select
    usage_date as day,
    if(place <= 7, host_name, 'other hosts') as series,
    least(place, 8) as place,
    -- Doubles add up differently from one reading to the next; the page must not.
    avg(gpu_utilization_ratio::decimal(18, 9)) as utilization,
    count(gpu_utilization_ratio) / count(*) as measured,
    coalesce(sum(allocated_hours)::double, 0) / count(*) as allocated
from fct_gpu_hours
join hosts using (host_name)
left join held using (hour_start_at, gpu_uuid)
where
    usage_date between $chart_first and $last
    and ($host is null or host_name = $host)
    and ($model is null or model_name = $model)
group by all
order by place, day
