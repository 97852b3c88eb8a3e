-- One row per quota, day and who used it.
with
    uses as (select * from {{ ref("int_quota_uses_by_minute") }}),

    summed as (
        select
            quota_id,
            usage_date,
            consumer_kind,
            consumer_id,
            sum(used_value) as used_value,
            sum(throttled_request_count) as throttled_request_count
        from uses
        group by quota_id, usage_date, consumer_kind, consumer_id
    )

select
    quota_id,
    usage_date,
    consumer_kind,
    consumer_id,
    cast(used_value as decimal(38, 12)) as used_value,
    cast(used_value as double) / nullif(
        cast(sum(used_value) over (partition by quota_id, usage_date) as double), 0
    ) as used_ratio,
    cast(throttled_request_count as bigint) as throttled_request_count
from summed
