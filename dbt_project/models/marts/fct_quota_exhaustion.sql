-- One row per quota and period within the horizon.
with forecasts as (select * from {{ ref("stg_forecasts__quota_exhaustion") }})

select
    forecast_origin_date,
    quota_id,
    scope_kind,
    scope_id,
    measure,
    period_kind,
    is_rate,
    limit_kind,
    period_start_date,
    period_end_date,
    is_running,
    is_whole_period,
    quota_limit_value,
    quota_used_to_date_value,
    is_exhausted,
    exhaustion_probability,
    not_exhausted_probability,
    exhaustion_date_p10,
    exhaustion_date_p50,
    exhaustion_date_p90,
    end_value_p10,
    end_value_p50,
    end_value_p90,
    expected_overrun_value,
    expected_overrun_usd,
    needed_quota_value,
    basis_name,
    reason
from forecasts
