-- One row per quota and period in which it is stated like this.
with source as (select * from {{ source("ledger", "quotas") }})

select
    quota_id,
    scope_kind,
    coalesce(scope_id, '') as scope_id,
    provider_name as only_provider_name,
    model_name as only_model_name,
    measure,
    limit_value as base_limit_value,
    period_kind,
    period_kind in ('minute', 'hour') as is_rate,
    coalesce(time_zone, 'UTC') as time_zone,
    coalesce(rollover_ratio, 0) as rollover_ratio,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from source
