-- One row per cloud model, region and service tier seen in the logs: what asks for a price.
{{ config(materialized="table") }}
with
    events as (select * from {{ ref("int_usage_events_deduplicated") }}),

    seen as (
        select distinct provider_name, model_name, region_name, price_service_tier
        from events
        where not is_self_hosted
    )

select
    row_number() over (
        order by provider_name, model_name, region_name, price_service_tier
    ) as sku_number,
    *
from seen
