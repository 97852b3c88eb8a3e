-- One row per scope, period, measure, contributor and vintage.
with quota_inflation_index as (select * from {{ ref("stg_forecasts__quota_inflation_index") }})

select
    scope_kind,
    team_id,
    period_kind,
    period_start_date,
    period_end_date,
    measure,
    contributor_kind,
    driver,
    contributor_team_id,
    base_period_start_date,
    index_ratio,
    price_index_ratio,
    volume_index_ratio,
    change_ratio,
    contribution_ratio,
    annualized_inflation_ratio,
    annualized_from_date,
    vintage,
    is_current
from quota_inflation_index
