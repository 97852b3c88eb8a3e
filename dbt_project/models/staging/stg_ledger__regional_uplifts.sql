-- One row per region, provider, model and period; without a model for every model.
with source as (select * from {{ source("ledger", "regional_uplifts") }})

select provider_name, model_name, region_name, uplift_ratio, valid_from, valid_to
from source
