-- One row for each pool of GPUs that no quota of the ledger limits, likeliest to run full first.
select
    scope_id as pool,
    quota_limit_value as capacity_hours,
    exhaustion_probability as chance,
    exhaustion_date_p50 as full_by,
    reason
from fct_quota_exhaustion
where limit_kind = 'capacity' and is_running and ($host is null or scope_id = $host)
order by exhaustion_probability desc, pool
