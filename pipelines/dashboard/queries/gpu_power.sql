-- One row for each day and host with measured power; hosts after the seventh are left to the table
-- of the snapshot.
with
    hosts as (
        select host_name, row_number() over (order by count(*) desc, host_name) as place
        from fct_gpu_hours
        where usage_date between $chart_first and $last
        group by host_name
    ),
    days as (
        select
            usage_date as day,
            host_name,
            -- Doubles add up differently from one reading to the next; the page must not.
            avg(power_watts::decimal(18, 6)) * count(distinct gpu_uuid) as watts,
            sum(energy_joules::decimal(38, 3)) / 3600000 as kilowatt_hours,
            sum(energy_cost_usd) as energy_usd
        from fct_gpu_hours
        where
            usage_date between $chart_first and $last
            and ($host is null or host_name = $host)
            and ($model is null or model_name = $model)
        group by usage_date, host_name
    )
select day, host_name as series, place, watts, kilowatt_hours, energy_usd
from days
join hosts using (host_name)
where watts is not null and place <= 9
order by place, day
