-- One row for each quota and day of the period that holds data_through: used so far, then the
-- forecast from there to the end of the period. Its bounds are those of sums of days.
with
    now as (select data_through from meterhouse_snapshot),
    used as (
        select quota.*
        from fct_quota_consumption_daily as quota, now
        where
            usage_date <= data_through
            and period_start_date <= data_through
            and period_end_date > data_through
            and ($team is null or (scope_kind = 'team' and scope_id = $team))
    ),
    latest as (
        select *
        from used
        qualify row_number() over (partition by quota_id order by usage_date desc) = 1
    ),
    ahead as (
        select
            quota_id,
            forecast_date as day,
            (quota_used_to_date_value + cumulative_value::decimal(38, 6))::double as expected,
            (quota_used_to_date_value + cumulative_lower_80_value::decimal(38, 6))::double
            as lower_80,
            (quota_used_to_date_value + cumulative_upper_80_value::decimal(38, 6))::double
            as upper_80,
            (quota_used_to_date_value + cumulative_lower_95_value::decimal(38, 6))::double
            as lower_95,
            (quota_used_to_date_value + cumulative_upper_95_value::decimal(38, 6))::double
            as upper_95
        from latest, now, fct_forecasts_daily as forecast
        where
            forecast_origin_date = data_through + 1
            and forecast_date < period_end_date
            and latest.period_kind not in ('minute', 'hour')
            and latest.only_provider_name is null
            and latest.only_model_name is null
            and forecast.measure = case
                latest.measure
                when 'tokens'
                then 'total_tokens'
                when 'requests'
                then 'request_count'
                when 'usd'
                then 'effective_cost_usd'
                else latest.measure
            end
            and series_kind = scope_kind
            and team_id = if(scope_kind = 'team', scope_id, '')
            and provider_name = if(scope_kind = 'provider', scope_id, '')
            and model_name = if(scope_kind = 'model', scope_id, '')
    ),
    -- The fan opens at the last known figure.
    origin as (
        select
            quota_id,
            usage_date as day,
            quota_used_to_date_value::double as expected,
            expected as lower_80,
            expected as upper_80,
            expected as lower_95,
            expected as upper_95
        from latest
        semi join ahead using (quota_id)
    )
select quota_id as quota, day, used, ahead.* exclude (quota_id, day)
from (select quota_id, usage_date as day, quota_used_to_date_value as used from used)
full join
    (
        from origin
        union all by name
        from ahead
    ) as ahead using (quota_id, day)
order by quota, day
