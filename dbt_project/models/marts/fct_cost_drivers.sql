-- One row per scope, comparison, cause, model, token class and vintage. Made from the days, which
-- a test compares it with: they are built before it.
-- depends_on: {{ ref("fct_token_costs_daily") }}
with cost_drivers as (select * from {{ ref("stg_forecasts__cost_drivers") }})

select
    scope_kind,
    team_id,
    period_kind,
    from_period_start_date,
    period_start_date as from_period_end_date,
    period_start_date as to_period_start_date,
    period_end_date as to_period_end_date,
    driver,
    provider_name,
    model_name,
    token_class,
    change_usd,
    change_tokens,
    from_cost_usd,
    to_cost_usd,
    from_tokens,
    to_tokens,
    vintage,
    is_current
from cost_drivers
