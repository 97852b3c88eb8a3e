-- One row for each model: the period, with the input and output split.
select
    case
        when model_name != ''
        then model_name
        when sum(total_tokens) is null
        then 'no model: idle GPUs, overhead'
        else 'unknown model'
    end as model,
    if(provider_name = '', 'unknown provider', provider_name) as provider,
    sum(request_count)::bigint as requests,
    sum(total_tokens)::bigint as tokens,
    sum(unpriced_tokens)::bigint as unpriced_tokens,
    sum(effective_cost_usd) as cost_usd,
    sum(effective_cost_usd)
    * 1e6
    / nullif(sum(total_tokens - unpriced_tokens), 0) as usd_per_million,
    sum(input_cost_usd)
    * 1e6
    / nullif(sum(input_tokens) filter (effective_cost_usd is not null), 0) as input_usd_per_million,
    sum(output_cost_usd)
    * 1e6
    / nullif(
        sum(output_tokens) filter (effective_cost_usd is not null), 0
    ) as output_usd_per_million
from fct_token_costs_daily
where
    usage_date between $first and $last
    and ($team is null or team_id = $team)
    and ($model is null or model_name = $model)
    and ($provider is null or provider_name = $provider)
group by model_name, provider_name
order by cost_usd desc nulls last, tokens desc, model, provider
