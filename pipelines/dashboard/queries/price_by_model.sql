-- One row for each day and model; in each group, models after the seventh by tokens are summed.
-- Rows without tokens (idle GPUs, overhead, training) have no cost per token.
with
    models as (
        select
            is_self_hosted,
            provider_name,
            model_name,
            if(model_name = '', 'unknown model', model_name) || if(
                count(*) over (partition by is_self_hosted, model_name) > 1,
                ' (' || provider_name || ')',
                ''
            ) as label,
            row_number() over (
                partition by is_self_hosted
                order by sum(total_tokens) desc, provider_name, model_name
            ) as place
        from fct_token_costs_daily
        where
            effective_cost_usd is not null
            and total_tokens > 0
            and usage_date between $chart_first and $last
        group by is_self_hosted, provider_name, model_name
    )
select
    usage_date as day,
    is_self_hosted as own,
    if(place <= 7, label, 'other models') as series,
    least(place, 8) as place,
    sum(total_tokens - unpriced_tokens)::bigint as tokens,
    sum(effective_cost_usd) as cost_usd,
    sum(effective_cost_usd)
    * 1e6
    / nullif(sum(total_tokens - unpriced_tokens), 0) as usd_per_million
from fct_token_costs_daily
join models using (is_self_hosted, provider_name, model_name)
where
    total_tokens > 0
    and usage_date between $chart_first and $last
    and ($team is null or team_id = $team)
    and ($model is null or model_name = $model)
    and ($provider is null or provider_name = $provider)
group by all
having usd_per_million is not null
order by own desc, place, day
