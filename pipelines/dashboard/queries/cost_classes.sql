-- One row for each day or week and what was paid for; the three sum to the spend.
with
    sums as (
        select
            date_trunc($grain, usage_date)::date as begin,
            sum(input_cost_usd) as input_usd,
            sum(output_cost_usd) as output_usd,
            sum(
                effective_cost_usd - coalesce(input_cost_usd, 0) - coalesce(output_cost_usd, 0)
            ) as other_usd
        from fct_charges_hourly
        where
            usage_date between $chart_first and $last
            and effective_cost_usd is not null
            and ($team is null or team_id = $team)
            and ($model is null or model_name = $model)
            and ($provider is null or provider_name = $provider)
        group by all
    ),
    classes as (
        select begin, 1 as place, 'input' as series, input_usd as cost_usd
        from sums
        union all
        select begin, 2, 'output', output_usd
        from sums
        union all
        select begin, 11, 'no token', other_usd
        from sums
    )
select begin, place, series, cost_usd
from classes
where cost_usd != 0
order by begin, place
