-- What own GPUs cost by contract, by day, 90 to come included, and since when that is known.
select usage_date, known_date, known_cost_usd::double as known_cost_usd
from intermediate.int_own_gpu_costs_known
