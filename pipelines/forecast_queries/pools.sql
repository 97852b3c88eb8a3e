-- GPU hours in service and held of each pool; of days to come what is held is NULL.
select
    usage_date,
    pool_id,
    capacity_gpu_hours::double as capacity_gpu_hours,
    held_gpu_hours::double as held_gpu_hours
from intermediate.int_gpu_pools_daily
