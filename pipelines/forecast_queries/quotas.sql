select
    quota_id,
    scope_kind,
    scope_id,
    only_provider_name,
    only_model_name,
    measure,
    period_kind,
    is_rate,
    period_start_date,
    period_end_date,
    usage_date,
    quota_limit_value::double as quota_limit_value,
    boost_value::double as boost_value,
    rollover_value::double as rollover_value,
    quota_used_value::double as quota_used_value,
    quota_used_to_date_value::double as quota_used_to_date_value
from fct_quota_consumption_daily
