-- One row per meter and moment; a reading delivered twice is one reading.
with
    source as (select * from {{ source("landing", "power_samples") }}),

    deduplicated as (
        select
            date as usage_date,
            source || '/' || source_instance as reporter_name,
            meter_name,
            host_name,
            sampled_at,
            max(power_watts) as power_watts,
            max(energy_joules_total) as energy_joules_total
        from source
        group by usage_date, reporter_name, meter_name, host_name, sampled_at
    )

select *
from deduplicated
