-- One row per quota and day it holds, up to the last day with data; periods are UTC.
with
    quotas as (select * from {{ ref("stg_ledger__quotas") }}),

    consumption as (select * from {{ ref("int_consumption_daily") }}),

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
                        ~ period_start("period_kind", "first_date")
                        ~ ")",
                        "least(quotas.valid_to - 1, last_date)",
                    )
                }} as date
            ) as usage_date
        from quotas
        cross join calendar
    ),

    used as (
        select
            days.quota_id,
            days.usage_date,
            sum(
                case
                    days.measure
                    when 'tokens'
                    then consumption.tokens
                    when 'usd'
                    then consumption.usd
                    when 'requests'
                    then consumption.requests
                    when 'gpu_hours'
                    then consumption.gpu_hours
                end
            ) as quota_used_value
        from days
        inner join
            consumption
            on days.usage_date = consumption.usage_date
            and days.scope_id = case
                days.scope_kind
                when 'organization'
                then ''
                when 'team'
                then consumption.team_id
                when 'model'
                then consumption.model_name
                when 'provider'
                then consumption.provider_name
            end
        group by days.quota_id, days.usage_date
    ),

    accumulated as (
        select
            days.*,
            {{ period_start("period_kind", "days.usage_date") }} as period_start_date,
            coalesce(used.quota_used_value, 0) as quota_used_value,
            sum(coalesce(used.quota_used_value, 0)) over (
                partition by days.quota_id, {{ period_start("period_kind", "days.usage_date") }}
                order by days.usage_date
            ) as quota_used_to_date_value
        from days
        left join used on days.quota_id = used.quota_id and days.usage_date = used.usage_date
    )

select
    quota_id,
    scope_kind,
    scope_id,
    measure,
    period_kind,
    period_start_date,
    {{ period_end("period_kind", "period_start_date") }} as period_end_date,
    usage_date,
    quota_limit_value,
    cast(quota_used_value as decimal(38, 12)) as quota_used_value,
    cast(quota_used_to_date_value as decimal(38, 12)) as quota_used_to_date_value,
    cast(quota_used_to_date_value as double)
    / nullif(cast(quota_limit_value as double), 0) as quota_used_ratio
from accumulated
