-- One row for each cause, model and kind of token: the whole organization's last 28 days against
-- the 28 before.
select
    from_period_start_date,
    to_period_start_date,
    to_period_end_date - 1 as last_day,
    from_cost_usd,
    to_cost_usd,
    driver,
    provider_name,
    model_name,
    token_class,
    change_usd,
    change_tokens
from fct_cost_drivers
where period_kind = 'days_28' and scope_kind = 'organization' and is_current
order by abs(change_usd) desc, abs(change_tokens) desc, driver, model_name, token_class
