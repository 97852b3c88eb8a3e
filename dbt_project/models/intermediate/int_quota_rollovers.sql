-- One row per period of a quota that carries over, with what it has from the period before: the
-- part of that period's own limit which was left. What was carried into a period is used first and
-- gone with it.
with recursive
    limits as (select * from {{ ref("int_quota_limits_daily") }} where rollover_ratio > 0),

    uses as (
        select quota_id, usage_date, sum(used_value) as used_value
        from {{ ref("int_quota_uses_by_minute") }}
        group by quota_id, usage_date
    ),

    periods as (
        select
            limits.quota_id,
            limits.period_start_date,
            row_number() over (
                partition by limits.quota_id order by limits.period_start_date
            ) as period_number,
            any_value(limits.rollover_ratio) as rollover_ratio,
            arg_max(
                limits.base_limit_value + limits.boost_value, limits.usage_date
            ) as own_limit_value,
            coalesce(sum(uses.used_value), 0) as used_value
        from limits
        left join uses using (quota_id, usage_date)
        group by limits.quota_id, limits.period_start_date
    ),

    carried as (
        select *, cast(0 as decimal(38, 12)) as rollover_value
        from periods
        where period_number = 1
        union all
        select
            periods.*,
            cast(
                greatest(
                    least(
                        carried.own_limit_value,
                        carried.own_limit_value + carried.rollover_value - carried.used_value
                    ),
                    0
                )
                * carried.rollover_ratio as decimal(38, 12)
            ) as rollover_value
        from carried
        inner join
            periods
            on carried.quota_id = periods.quota_id
            and carried.period_number + 1 = periods.period_number
    )

select quota_id, period_start_date, rollover_value
from carried
