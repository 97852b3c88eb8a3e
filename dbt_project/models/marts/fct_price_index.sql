-- One row per scope, period, formula, contributor and vintage.
with price_index as (select * from {{ ref("stg_forecasts__price_index") }})

select
    scope_kind,
    team_id,
    period_kind,
    period_start_date,
    period_end_date,
    formula,
    contributor_kind,
    provider_name,
    model_name,
    contributor_team_id,
    base_period_start_date,
    index_ratio,
    change_ratio,
    contribution_ratio,
    annualized_inflation_ratio,
    annualized_from_date,
    unit_value_usd_per_million_tokens,
    unit_value_index_ratio,
    matched_cost_ratio,
    vintage,
    is_current
from price_index
