-- One row for each quota and consumer in the period that holds data_through; the ten largest of
-- each kind.
with
    running as (
        select distinct quota_id, measure, quota_limit_value, period_start_date, period_end_date
        from fct_quota_consumption_daily
        cross join meterhouse_snapshot
        where
            usage_date <= data_through
            and period_start_date <= data_through
            and period_end_date > data_through
            and ($team is null or (scope_kind = 'team' and scope_id = $team))
        qualify row_number() over (partition by quota_id order by usage_date desc) = 1
    )
select
    quota_id as quota,
    measure,
    consumer_kind as kind,
    consumer_id as consumer,
    sum(used_value) as used,
    sum(used_value)::double / nullif(any_value(quota_limit_value), 0)::double as used_ratio,
    sum(throttled_request_count)::bigint as refused
from fct_quota_consumers_daily
join running using (quota_id)
where usage_date >= period_start_date and usage_date < period_end_date
group by quota, measure, kind, consumer
qualify row_number() over (partition by quota, kind order by used desc, consumer) <= 10
order by quota, kind, used desc, consumer
