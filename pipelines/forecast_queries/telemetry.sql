-- Mean power and memory of held GPUs by day; NULL where it was not measured.
select
    usage_date,
    team_id,
    'self_hosted' as provider_name,
    coalesce(model_name, '') as model_name,
    power_watts,
    memory_used_bytes
from intermediate.int_gpu_telemetry_daily
where usage_date > (select max(usage_date) from intermediate.int_gpu_telemetry_daily) - $days
