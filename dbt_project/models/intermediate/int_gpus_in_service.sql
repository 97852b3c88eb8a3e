-- One row per GPU with the moments between which it serves: from its in-service date until it is
-- retired or sold as a whole.
with
    gpus as (select * from {{ ref("stg_ledger__gpus") }}),

    sales as (
        select gpu_uuid, min(event_date) as sold_date
        from {{ ref("stg_ledger__gpu_asset_events") }}
        where event_kind = 'disposal' and share_ratio = 1
        group by gpu_uuid
    )

select
    gpus.*,
    cast(gpus.in_service_date as timestamp) as service_start_at,
    cast(
        coalesce(least(gpus.retired_date, sales.sold_date), date '9999-12-31') as timestamp
    ) as service_end_at
from gpus
left join sales on gpus.gpu_uuid = sales.gpu_uuid
