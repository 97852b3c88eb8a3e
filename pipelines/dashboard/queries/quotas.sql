-- One row for each quota whose period holds data_through. Bounds of the days to come are added
-- up as if every day fell on the same side: cautious, wider than independent days would give.
with
    now as (select data_through from meterhouse_snapshot),
    current_period as (
        select quota.*
        from fct_quota_consumption_daily as quota, now
        where
            usage_date <= data_through
            and period_start_date <= data_through
            and period_end_date > data_through
        qualify row_number() over (partition by quota_id order by usage_date desc) = 1
    ),
    ahead as (
        select
            quota_id,
            sum(forecast_value::decimal(38, 6)) as forecast_value,
            sum(upper_80_value::decimal(38, 6)) as upper_80_value
        from current_period as quota, now, fct_forecasts_daily as forecast
        where
            forecast_date > data_through
            and forecast_date < period_end_date
            and forecast.measure = case
                quota.measure when 'tokens' then 'total_tokens' when 'usd' then 'effective_cost_usd'
            end
            and series_kind = scope_kind
            and (scope_kind != 'team' or team_id = scope_id)
            and (scope_kind != 'model' or model_name = scope_id)
        group by quota_id
    )
select
    quota_id as quota,
    if(
        scope_kind = 'organization', scope_kind, scope_kind || ' ' || coalesce(team_name, scope_id)
    ) as scope,
    measure,
    period_kind as period,
    period_start_date as starts,
    period_end_date as ends,
    quota_limit_value as limit_value,
    quota_used_to_date_value as used,
    quota_used_ratio as used_ratio,
    quota_used_to_date_value + forecast_value as at_end,
    exhaustion_probability as exceeded,
    exhaustion_date_p50 as exceeded_by,
    case
        when quota_used_to_date_value > quota_limit_value
        then 'over the limit'
        when exhaustion_probability >= 0.5
        then 'expected to exceed'
        when exhaustion_probability >= 0.1
        then 'may exceed'
        when exhaustion_probability is not null
        then 'within'
        when quota_used_to_date_value + forecast_value > quota_limit_value
        then 'expected to exceed'
        when quota_used_to_date_value + upper_80_value > quota_limit_value
        then 'may exceed'
        when forecast_value is null and period_end_date > data_through + 1
        then 'within so far, no forecast'
        else 'within'
    end as outlook
from current_period
cross join now
left join ahead using (quota_id)
left join
    (
        select quota_id, exhaustion_probability, exhaustion_date_p50
        from fct_quota_exhaustion
        where is_running
    ) as exhaustion using (quota_id)
left join dim_teams on scope_kind = 'team' and scope_id = dim_teams.team_id
order by
    list_position(['over the limit', 'expected to exceed', 'may exceed'], outlook) nulls last,
    used_ratio desc nulls last,
    quota_id
