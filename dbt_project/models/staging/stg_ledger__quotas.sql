-- One row per quota.
with source as (select * from {{ source("ledger", "quotas") }})

select
    quota_id,
    scope_kind,
    coalesce(scope_id, '') as scope_id,
    measure,
    limit_value as quota_limit_value,
    period_kind,
    valid_from,
    valid_to
from source
