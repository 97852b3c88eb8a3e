-- One row per own model and cloud model that it is compared with.
with source as (select * from {{ source("ledger", "tco_equivalents") }})

select model_name, equivalent_provider_name, equivalent_model_name
from source
