-- One row for each model and reason: all usage that no price list and no contract prices.
select
    if(model_name = '', 'unknown model', model_name) as model,
    if(provider_name = '', 'unknown provider', provider_name) as provider,
    replace(reason, '_', ' ') as reason,
    min(usage_date) as first_day,
    max(usage_date) as last_day,
    sum(request_count)::bigint as requests,
    sum(total_tokens)::bigint as tokens,
    cast(null as decimal(38, 12)) as cost_usd
from fct_unpriced_usage
where
    usage_date between $chart_first and $last
    and ($model is null or model_name = $model)
    and ($provider is null or provider_name = $provider)
group by model_name, provider_name, fct_unpriced_usage.reason
order by tokens desc, model, provider, reason
