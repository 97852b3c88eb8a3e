-- One row per statement of what a GPU draws while nothing measures it; no host means every host.
with source as (select * from {{ source("ledger", "energy_gap_fills") }})

select nullif(host_name, '') as host_name, assumed_power_ratio, valid_from, valid_to
from source
