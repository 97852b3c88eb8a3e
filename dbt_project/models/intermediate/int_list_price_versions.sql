-- One row per list price, its period and the time that was believed: the committed list and all
-- that was imported since. A later sheet of a model and tier ends the earlier ones from its first
-- day on; what was believed before stays here.
{{ config(materialized="table") }}
with
    list_prices as (select * from {{ ref("list_prices") }}),

    imports as (select * from {{ ref("stg_state__price_imports") }}),

    listed as (
        select *
        from list_prices
        union all by name
        select *
        from imports
    ),

    arrivals as (
        select provider_name, model_name, service_tier, believed_from, min(valid_from) as first_date
        from listed
        group by provider_name, model_name, service_tier, believed_from
    ),

    ended as (
        select
            listed.* exclude (believed_from, valid_to),
            listed.believed_from as stated_from,
            arrivals.believed_from,
            least(
                listed.valid_to,
                min(arrivals.first_date) filter (
                    arrivals.believed_from > listed.believed_from
                ) over (
                    partition by listed.price_id, listed.believed_from
                    order by arrivals.believed_from
                )
            ) as valid_to
        from listed
        inner join
            arrivals
            on listed.provider_name = arrivals.provider_name
            and listed.model_name = arrivals.model_name
            and listed.service_tier = arrivals.service_tier
            and listed.believed_from <= arrivals.believed_from
    ),

    changed as (
        select *
        from ended
        qualify
            believed_from = stated_from
            or valid_to is distinct from lag(valid_to) over (
                partition by price_id, stated_from order by believed_from
            )
    ),

    followed as (
        select
            * exclude (stated_from),
            lead(believed_from) over (
                partition by price_id, stated_from order by believed_from
            ) as believed_to
        from changed
    )

select *
from followed
where valid_to is null or valid_from < valid_to
