-- One row per provider bucket that counts now: of one grouping, and where a day was asked for in
-- buckets of several widths, of one width: the one with most tokens, then the finest.
with
    buckets as (select * from {{ ref("int_usage_buckets_grouped") }} where not is_left_out),

    believed as (
        select
            * exclude (
                believed_from_at,
                believed_to_at,
                account_id,
                dimensions,
                sure_dimensions,
                is_left_out
            ),
            sum(total_tokens) over (
                partition by
                    source, source_instance, operation_name, deployment_name, usage_date, grain
            ) as tokens_of_grain
        from buckets
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
