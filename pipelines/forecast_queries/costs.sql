-- Cost by day; NULL where no price is known.
select usage_date, team_id, provider_name, model_name, effective_cost_usd::double as effective_cost_usd
from fct_token_costs_daily
where usage_date > (select max(usage_date) from fct_token_costs_daily) - $days
