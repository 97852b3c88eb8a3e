-- One row per model that serves and trained model whose cost it carries.
with source as (select * from {{ source("ledger", "training_amortizations") }})

select model_name, trained_model_name, cast(amortization_months as bigint) as months, valid_from
from source
