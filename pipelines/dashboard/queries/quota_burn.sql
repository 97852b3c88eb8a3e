-- One row for each quota and day of the period that holds data_through: used so far, then the
-- forecast from there to the end of the period. Bounds are added up day by day.
with
    now as (select data_through from meterhouse_snapshot),
    used as (
        select quota.*
        from fct_quota_consumption_daily as quota, now
        where
            usage_date <= data_through
            and period_start_date <= data_through
            and period_end_date > data_through
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
            (quota_used_to_date_value + sum(forecast_value::decimal(38, 6)) over running)::double
            as expected,
            (quota_used_to_date_value + sum(lower_80_value::decimal(38, 6)) over running)::double
            as lower_80,
            (quota_used_to_date_value + sum(upper_80_value::decimal(38, 6)) over running)::double
            as upper_80,
            (quota_used_to_date_value + sum(lower_95_value::decimal(38, 6)) over running)::double
            as lower_95,
            (quota_used_to_date_value + sum(upper_95_value::decimal(38, 6)) over running)::double
            as upper_95
        from latest, now, fct_forecasts_daily as forecast
        where
            forecast_date > data_through
            and forecast_date < period_end_date
            and forecast.measure = case
                latest.measure
                when 'tokens'
                then 'total_tokens'
                when 'usd'
                then 'effective_cost_usd'
            end
            and series_kind = scope_kind
            and (scope_kind != 'team' or team_id = scope_id)
            and (scope_kind != 'model' or model_name = scope_id)
        window running as (partition by quota_id order by forecast_date)
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
