with
    versions as (select * from {{ ref("fct_bucket_versions") }}),

    followed as (
        select
            *,
            lead(believed_from_at) over (
                partition by record_kind, record_id
                order by believed_from_at, believed_to_at nulls last
            ) as next_believed_from_at
        from versions
    )

select *
from followed
where next_believed_from_at < coalesce(believed_to_at, timestamp '9999-12-31')
