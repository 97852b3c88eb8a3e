select
    usage_date,
    sum(effective_cost_usd) as usage_basis_usd,
    sum(allocation_cost_usd) as allocation_basis_usd
from {{ ref("fct_token_costs_daily") }}
group by usage_date
having sum(effective_cost_usd) is distinct from sum(allocation_cost_usd)
