-- One row per model and hour (or day, where the log has only days) with reserved capacity: what it
-- cost, and the tokens that share it.
with
    served as (
        select
            provider_name,
            model_name,
            usage_date,
            pool_start_at,
            is_told_by_day,
            sum(input_tokens + output_tokens) as tokens
        from {{ ref("int_provisioned_events") }}
        group by provider_name, model_name, usage_date, pool_start_at, is_told_by_day
    ),

    hours as (select * from {{ ref("int_provisioned_hours") }}),

    pooled as (
        select
            hours.*,
            if(
                served.is_told_by_day, cast(hours.usage_date as timestamp), hours.hour_start_at
            ) as pool_start_at,
            coalesce(served.tokens, 0) as tokens
        from hours
        left join
            served
            on hours.provider_name = served.provider_name
            and hours.model_name = served.model_name
            and hours.usage_date = served.usage_date
            and (served.is_told_by_day or hours.hour_start_at = served.pool_start_at)
    )

select
    provider_name,
    model_name,
    usage_date,
    pool_start_at,
    hour_start_at,
    reservation_id,
    cost_picousd,
    tokens
from pooled
