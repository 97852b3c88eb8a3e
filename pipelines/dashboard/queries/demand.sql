-- One row for each day and measure, known and forecast: of the team, else of the model, else of the
-- provider that was asked for, else of the whole organization.
with
    known as (
        select
            usage_date as day,
            sum(total_tokens)::bigint as tokens,
            sum(effective_cost_usd) as cost_usd
        from fct_token_costs_daily
        where
            usage_date between $chart_first and $last
            and ($team is null or team_id = $team)
            and ($team is not null or $model is null or model_name = $model)
            and (
                coalesce($team, $model) is not null
                or $provider is null
                or provider_name = $provider
            )
        group by usage_date
    ),
    forecast as (
        select
            forecast_date as day,
            measure,
            method_name,
            forecast_value as expected,
            lower_80_value as lower_80,
            upper_80_value as upper_80,
            lower_95_value as lower_95,
            upper_95_value as upper_95,
            naive_value as naive
        from fct_forecasts_daily
        where
            series_kind = case
                when $team is not null
                then 'team'
                when $model is not null
                then 'model'
                when $provider is not null
                then 'provider'
                else 'organization'
            end
            and ($team is null or team_id = $team)
            and ($team is not null or $model is null or model_name = $model)
            and (
                coalesce($team, $model) is not null
                or $provider is null
                or provider_name = $provider
            )
            and measure in ('total_tokens', 'effective_cost_usd')
    ),
    measures as (
        select day, 'total_tokens' as measure, tokens as known
        from known
        union all
        select day, 'effective_cost_usd', cost_usd
        from known
    )
select *
from measures
full join forecast using (day, measure)
order by measure, day
