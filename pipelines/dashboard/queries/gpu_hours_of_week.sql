-- One row for each weekday (1 is Monday) and hour of the day, UTC.
select
    isodow(hour_start_at) as weekday,
    hour(hour_start_at) as hour,
    -- Doubles add up differently from one reading to the next; the page must not.
    avg(gpu_utilization_ratio::decimal(18, 9)) as utilization,
    count(*) filter (allocation_status = 'idle') / count(*) as idle
from fct_gpu_hours
where
    usage_date between $chart_first and $last
    and ($host is null or host_name = $host)
    and ($model is null or model_name = $model)
group by weekday, hour
order by weekday, hour
