-- Zero-token failures are priced at 0; beside unpriced usage they must not turn unknown into $0.
select *
from {{ ref("fct_token_costs_daily") }}
where unpriced_tokens > 0 and unpriced_tokens = total_tokens and effective_cost_usd = 0
