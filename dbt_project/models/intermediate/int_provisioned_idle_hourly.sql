-- One row per reservation and hour in which it served no token: what the idle hour cost.
with pools as (select * from {{ ref("int_provisioned_pools") }} where tokens = 0)

select
    hour_start_at,
    usage_date,
    provider_name,
    model_name,
    reservation_id,
    cost_picousd as idle_picousd
from pools
