-- Usage without a price costs something all the same: too much of it in the last 30 days warns.
{{ config(severity="warn") }}
with
    events as (select * from {{ ref("fct_usage_events") }} where not is_self_hosted),

    last_day as (select max(usage_date) as usage_date from events),

    summed as (
        select
            coalesce(
                sum(events.total_tokens) filter (events.pricing_status = 'unpriced'), 0
            ) as unpriced_tokens,
            sum(events.total_tokens) as total_tokens
        from events
        cross join last_day
        where events.usage_date > last_day.usage_date - interval 30 day
    )

select *
from summed
where unpriced_tokens > total_tokens * {{ var("unpriced_alarm_ratio") }}
