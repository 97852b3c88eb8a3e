-- One row for each day and forecast of one series: the last four forecasts that have
-- met days, and what came (place 9, the color of ink).
with
    told as (
        select
            forecast_date as day,
            measure,
            forecast_origin_date,
            forecast_value,
            actual_value,
            dense_rank() over (partition by measure order by forecast_origin_date desc) as age
        from fct_forecast_vintages
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
            and actual_value is not null
    )
select
    day,
    measure,
    'foretold on ' || forecast_origin_date as series,
    age as place,
    forecast_value as value,
    actual_value as came,
    (forecast_value - actual_value) / nullif(abs(actual_value), 0) as error
from told
where age <= 4
union all
select distinct day, measure, 'what came', 9, actual_value, null, null
from told
where age <= 4
order by measure, place, day
