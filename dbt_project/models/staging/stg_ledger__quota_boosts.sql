-- One row per time in which a quota is raised.
with source as (select * from {{ source("ledger", "quota_boosts") }})

select
    boost_id, quota_id, extra_value, valid_from, coalesce(valid_to, date '9999-12-31') as valid_to
from source
