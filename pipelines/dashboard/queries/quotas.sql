-- One row for each quota whose period holds data_through. Bounds are those of sums of days.
with
    now as (select data_through from meterhouse_snapshot),
    current_period as (
        select quota.*
        from fct_quota_consumption_daily as quota, now
        where
            usage_date <= data_through
            and period_start_date <= data_through
            and period_end_date > data_through
            and ($team is null or (scope_kind = 'team' and scope_id = $team))
        qualify row_number() over (partition by quota_id order by usage_date desc) = 1
    ),
    ahead as (
        select
            quota_id,
            max_by(cumulative_value, forecast_date)::decimal(38, 6) as forecast_value,
            max_by(cumulative_upper_80_value, forecast_date)::decimal(38, 6) as upper_80_value
        from current_period as quota, now, fct_forecasts_daily as forecast
        where
            forecast_origin_date = data_through + 1
            and forecast_date < period_end_date
            and quota.period_kind not in ('minute', 'hour')
            and quota.only_provider_name is null
            and quota.only_model_name is null
            and forecast.measure = case
                quota.measure
                when 'tokens'
                then 'total_tokens'
                when 'requests'
                then 'request_count'
                when 'usd'
                then 'effective_cost_usd'
                else quota.measure
            end
            and series_kind = scope_kind
            and team_id = if(scope_kind = 'team', scope_id, '')
            and provider_name = if(scope_kind = 'provider', scope_id, '')
            and model_name = if(scope_kind = 'model', scope_id, '')
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
