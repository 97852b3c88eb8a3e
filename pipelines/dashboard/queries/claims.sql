-- One row for each day or week and reason.
with
    sums as (
        select
            date_trunc($grain, usage_date)::date as begin,
            replace(reason, '_', ' ') as series,
            sum(event_count)::bigint as events,
            sum(cost_usd) as computed_usd,
            sum(reported_cost_usd) as claimed_usd,
            sum(difference_usd) as difference_usd
        from fct_cost_differences_daily
        where
            usage_date between $chart_first and $last
            and ($team is null or team_id = $team)
            and ($model is null or model_name = $model)
            and ($provider is null or provider_name = $provider)
        group by all
    )
select *, least(dense_rank() over (order by series), 9) as place
from sums
order by place, series, begin
