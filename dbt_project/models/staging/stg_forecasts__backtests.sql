-- One row per row that the forecast step wrote.
with source as (select * from {{ source("forecasts", "backtests") }})

select
    forecast_origin_date,
    series_kind,
    team_id,
    provider_name,
    model_name,
    measure,
    method_name,
    chosen_method_name,
    chosen_reason,
    history_day_count,
    missing_day_count,
    excluded_day_count,
    scored_origin_count,
    scored_day_count,
    mase,
    wql,
    coverage_50_ratio,
    coverage_80_ratio,
    coverage_95_ratio,
    cumulative_coverage_50_ratio,
    cumulative_coverage_80_ratio,
    cumulative_coverage_95_ratio,
    total_bias_ratio,
    skill_ratio,
    exhaustion_integrated_brier_score,
    exhaustion_brier_score,
    exhaustion_brier_skill_ratio,
    exhaustion_ece_ratio
from source
