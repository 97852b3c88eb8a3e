-- One row per quota and day it holds, up to the last day with data. Days and periods are those of
-- the quota's time zone. Of a rate the day's busiest minute or hour stands against the limit.
with
    limits as (select * from {{ ref("int_quota_limits_daily") }}),

    rollovers as (select * from {{ ref("int_quota_rollovers") }}),

    nested as (select * from {{ ref("int_quotas_nested") }}),

    moments as (
        select
            quota_id,
            usage_date,
            used_at,
            bool_and(is_moment_known) as is_moment_known,
            sum(used_value) as used_value,
            sum(throttled_request_count) as throttled_request_count
        from {{ ref("int_quota_uses_by_minute") }}
        group by quota_id, usage_date, used_at
    ),

    days as (
        select
            quota_id,
            usage_date,
            sum(used_value) as used_value,
            max(used_value) filter (where is_moment_known) as peak_value,
            arg_max((used_value, used_at), (used_value, - epoch_us(used_at))) filter (
                where is_moment_known
            ) as peak,
            sum(throttled_request_count) as throttled_request_count
        from moments
        group by quota_id, usage_date
    ),

    limited as (
        select
            limits.*,
            coalesce(rollovers.rollover_value, 0) as rollover_value,
            cast(
                limits.base_limit_value
                + limits.boost_value
                + coalesce(rollovers.rollover_value, 0) as decimal(38, 12)
            ) as limit_value,
            coalesce(days.used_value, 0) as day_used_value,
            days.quota_id is not null as is_used,
            days.peak_value,
            days.peak,
            coalesce(days.throttled_request_count, 0) as throttled_request_count,
            sum(coalesce(days.used_value, 0)) over period_to_date as period_used_value,
            avg(cast(coalesce(days.used_value, 0) as double)) over (
                partition by limits.quota_id, limits.period_start_date
                order by limits.usage_date
                rows between 6 preceding and current row
            ) as burn_rate_value_per_day
        from limits
        left join days using (quota_id, usage_date)
        left join rollovers using (quota_id, period_start_date)
        window
            period_to_date as (
                partition by limits.quota_id, limits.period_start_date order by limits.usage_date
            )
    ),

    -- when within its day a stock passed four fifths of its limit
    crossed as (
        select limited.quota_id, limited.usage_date, min(running.used_at) as crossed_at
        from limited
        inner join
            (
                select
                    quota_id,
                    usage_date,
                    used_at,
                    sum(used_value) over (
                        partition by quota_id, usage_date order by used_at
                    ) as day_so_far_value
                from moments
            ) as running using (quota_id, usage_date)
        where
            limited.period_used_value - limited.day_used_value + running.day_so_far_value
            >= limited.limit_value * 0.8
        group by limited.quota_id, limited.usage_date
    ),

    busy as (
        select
            limited.quota_id,
            limited.usage_date,
            count(*) * any_value(if(limited.period_kind = 'hour', 3600, 60)) as seconds
        from limited
        inner join moments using (quota_id, usage_date)
        where moments.is_moment_known and moments.used_value > limited.limit_value * 0.8
        group by limited.quota_id, limited.usage_date
    ),

    measured as (
        select
            limited.*,
            case
                when not limited.is_rate
                then limited.day_used_value
                when limited.is_used
                then limited.peak_value
                else 0
            end as quota_used_value,
            case
                when not limited.is_rate
                then limited.period_used_value
                when limited.is_used
                then limited.peak_value
                else 0
            end as quota_used_to_date_value,
            case
                when limited.is_rate
                then coalesce(busy.seconds, 0)
                when limited.period_used_value - limited.day_used_value >= limited.limit_value * 0.8
                then epoch(limited.day_end_at) - epoch(limited.day_start_at)
                when crossed.crossed_at is not null
                then
                    epoch(limited.day_end_at)
                    - epoch(greatest(crossed.crossed_at, limited.day_start_at))
                else 0
            end as above_80_percent_seconds
        from limited
        left join crossed using (quota_id, usage_date)
        left join busy using (quota_id, usage_date)
    ),

    rated as (
        select
            *,
            cast(quota_used_to_date_value as double)
            / nullif(cast(limit_value as double), 0) as quota_used_ratio
        from measured
    ),

    bound as (
        select
            inner_days.quota_id,
            inner_days.usage_date,
            arg_max(
                outer_days.quota_id,
                (
                    outer_days.quota_used_ratio,
                    outer_days.quota_id = inner_days.quota_id,
                    outer_days.quota_id
                )
            ) as binding_quota_id
        from rated as inner_days
        inner join nested using (quota_id)
        inner join
            rated as outer_days
            on nested.outer_quota_id = outer_days.quota_id
            and inner_days.usage_date = outer_days.usage_date
        where outer_days.quota_used_ratio is not null
        group by inner_days.quota_id, inner_days.usage_date
    )

select
    rated.quota_id,
    rated.scope_kind,
    rated.scope_id,
    rated.only_provider_name,
    rated.only_model_name,
    rated.measure,
    rated.period_kind,
    rated.is_rate,
    rated.time_zone,
    rated.period_start_date,
    rated.period_end_date,
    rated.usage_date,
    rated.limit_value as quota_limit_value,
    cast(rated.boost_value as decimal(38, 12)) as boost_value,
    cast(rated.rollover_value as decimal(38, 12)) as rollover_value,
    cast(rated.quota_used_value as decimal(38, 12)) as quota_used_value,
    cast(rated.quota_used_to_date_value as decimal(38, 12)) as quota_used_to_date_value,
    cast(
        rated.limit_value - rated.quota_used_to_date_value as decimal(38, 12)
    ) as quota_remaining_value,
    rated.quota_used_ratio,
    if(rated.is_rate, null, rated.burn_rate_value_per_day) as burn_rate_value_per_day,
    cast(rated.peak_value as decimal(38, 12)) as peak_value,
    rated.peak[2] as peak_at,
    cast(rated.throttled_request_count as bigint) as throttled_request_count,
    cast(rated.above_80_percent_seconds as bigint) as above_80_percent_seconds,
    coalesce(bound.binding_quota_id, rated.quota_id) as binding_quota_id,
    case when rated.scope_kind = 'team' then {{ star_key("rated.scope_id") }} end as team_key
from rated
left join bound using (quota_id, usage_date)
