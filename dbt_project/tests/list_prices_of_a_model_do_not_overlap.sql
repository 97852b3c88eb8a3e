-- Of one model, service tier, context tier and minute of the day one price holds at a time, at any
-- time of knowledge.
with
    versions as (select * from {{ ref("int_list_price_versions") }}),

    moments as (select distinct unnest([believed_from, believed_to]) as believed_at from versions),

    believed as (
        select versions.*, moments.believed_at
        from versions
        inner join
            moments
            on versions.believed_from <= moments.believed_at
            and moments.believed_at < coalesce(versions.believed_to, timestamp '9999-12-31')
    ),

    followed as (
        select
            *,
            lead(valid_from) over (
                partition by
                    believed_at,
                    provider_name,
                    model_name,
                    service_tier,
                    context_threshold_tokens,
                    window_start_minute
                order by valid_from
            ) as next_valid_from
        from believed
    )

select *
from followed
where next_valid_from < coalesce(valid_to, date '9999-12-31')
