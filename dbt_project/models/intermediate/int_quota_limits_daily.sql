-- One row per quota and day it holds, up to the last day with data: its period and what may be used
-- in it before anything is carried over.
{{ config(materialized="table") }}
with
    quotas as (select * from {{ ref("stg_ledger__quotas") }}),

    boosts as (select * from {{ ref("stg_ledger__quota_boosts") }}),

    calendar as (
        select min(usage_date) as first_date, max(usage_date) as last_date
        from {{ ref("int_days_covered") }}
    ),

    -- the first period is shown from its own first day, not from the first day with data
    days as (
        select
            quotas.*,
            cast(
                {{
                    days_between(
                        "greatest(quotas.valid_from, "
                        ~ period_start("period_kind", "first_date", "quotas.valid_from")
                        ~ ")",
                        "least(quotas.valid_to - 1, last_date)",
                    )
                }} as date
            ) as usage_date
        from quotas
        cross join calendar
    ),

    boosted as (
        select quota_id, usage_date, sum(extra_value) as boost_value
        from days
        inner join boosts using (quota_id)
        where usage_date >= boosts.valid_from and usage_date < boosts.valid_to
        group by quota_id, usage_date
    ),

    started as (
        select *, {{ period_start("period_kind", "usage_date", "valid_from") }} as period_start_date
        from days
    )

select
    started.*,
    {{ period_end("period_kind", "period_start_date", "valid_to") }} as period_end_date,
    {{ local_midnight("usage_date", "time_zone") }} as day_start_at,
    {{ local_midnight("usage_date + 1", "time_zone") }} as day_end_at,
    cast(coalesce(boosted.boost_value, 0) as decimal(38, 12)) as boost_value
from started
left join boosted using (quota_id, usage_date)
