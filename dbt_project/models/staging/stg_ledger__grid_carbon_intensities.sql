-- One row per carbon intensity and period; no host means every host without one of its own.
with source as (select * from {{ source("ledger", "grid_carbon_intensities") }})

select nullif(host_name, '') as host_name, grams_co2e_per_kwh, valid_from, valid_to
from source
