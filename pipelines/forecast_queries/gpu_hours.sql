-- GPU hours held by day; idle ones are rows of 0, which tell that the day was seen.
select
    usage_date,
    coalesce(team_id, 'unattributed') as team_id,
    'self_hosted' as provider_name,
    coalesce(model_name, '') as model_name,
    coalesce(sum(gpu_hours) filter (where allocation_status = 'allocated'), 0)::double as gpu_hours
from fct_gpu_allocations_hourly
where usage_date > (select max(usage_date) from fct_gpu_allocations_hourly) - $days
group by all
