-- One row for each quota and day of its running period; the nine likeliest to run out, if there is
-- a chance of a hundredth.
with
    running as (
        select
            quota_id,
            period_start_date,
            measure,
            quota_limit_value,
            row_number() over (order by exhaustion_probability desc, quota_id) as place
        from fct_quota_exhaustion
        where
            is_running
            and limit_kind = 'stated'
            and exhaustion_probability >= 0.01
            and ($team is null or (scope_kind = 'team' and scope_id = $team))
    )
select
    quota_id as series,
    place,
    measure,
    forecast_date as day,
    exhaustion_probability as chance,
    used_value_p10 as low,
    used_value_p50 as middle,
    used_value_p90 as high,
    quota_limit_value as limit_value
from fct_quota_exhaustion_daily
join running using (quota_id, period_start_date)
where place <= 9
order by place, day
