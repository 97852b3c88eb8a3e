-- One row for each model on own GPUs with tokens in the period.
select
    model_name as model,
    sum(total_tokens)::bigint as tokens,
    sum(effective_cost_usd) as cost_usd,
    sum(shared_idle_cost_usd) as idle_usd,
    sum(shared_overhead_cost_usd) as overhead_usd,
    sum(effective_cost_usd) * 1e6 / nullif(sum(total_tokens - unpriced_tokens), 0) as usage_rate,
    sum(allocation_cost_usd)
    * 1e6
    / nullif(sum(total_tokens - unpriced_tokens), 0) as allocation_rate,
    (sum(allocation_cost_usd) + sum(amortized_training_cost_usd))
    * 1e6
    / nullif(sum(total_tokens - unpriced_tokens), 0) as loaded_rate
from fct_token_costs_daily
where
    is_self_hosted
    and total_tokens > 0
    and usage_date between $first and $last
    and ($team is null or team_id = $team)
    and ($model is null or model_name = $model)
group by model_name
order by cost_usd desc nulls last, model
