-- One row per provider bucket that is believed now. Where a day was asked for in buckets of several
-- widths, one width holds: the one with most tokens, then the finest.
with
    versions as (select * from {{ ref("int_usage_bucket_versions") }}),

    believed as (
        select
            * exclude (believed_from_at, believed_to_at, account_id),
            sum(total_tokens) over (
                partition by
                    source, source_instance, operation_name, deployment_name, usage_date, grain
            ) as tokens_of_grain
        from versions
        where believed_to_at is null
    ),

    of_one_width as (
        select * exclude (tokens_of_grain)
        from believed
        qualify
            dense_rank() over (
                partition by source, source_instance, operation_name, deployment_name, usage_date
                -- bucket_1m, bucket_1h, bucket_1d
                order by coalesce(tokens_of_grain, -1) desc, grain desc
            )
            = 1
    )

select *
from of_one_width
