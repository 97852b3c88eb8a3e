-- One row for each measure and method of one series, of the newest backtest.
select
    measure,
    method_name as method,
    if(method_name = 'forecast', chosen_method_name, '') as chosen,
    wql,
    mase,
    skill_ratio as skill,
    coverage_80_ratio as covered_80,
    coverage_95_ratio as covered_95,
    scored_day_count as days
from fct_forecast_backtests
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
    and (coalesce($team, $model) is not null or $provider is null or provider_name = $provider)
qualify dense_rank() over (order by forecast_origin_date desc) = 1
order by measure, method != 'forecast', wql nulls last, mase
