-- One row per cloud model seen in the logs: its name in the price list and in the contracts.
{{ config(materialized="table") }}
with
    events as (select * from {{ ref("int_usage_events_deduplicated") }}),

    price_matches as (select * from {{ ref("stg_state__price_matches") }}),

    contract_models as (
        select distinct provider_name, model_name from {{ ref("stg_ledger__contract_prices") }}
    ),

    seen_models as (select distinct provider_name, model_name from events where not is_self_hosted),

    matched as (
        select
            seen_models.provider_name,
            seen_models.model_name,
            max(price_matches.price_provider_name) as price_provider_name,
            max(price_matches.price_model_name) as price_model_name
        from seen_models
        left join
            price_matches
            on seen_models.provider_name = price_matches.provider_name
            and seen_models.model_name = price_matches.model_name
        group by seen_models.provider_name, seen_models.model_name
    ),

    -- a contract names the model as the logs do, else as the price list does
    contracted as (
        select
            matched.*,
            coalesce(
                by_seen_name.provider_name, by_price_name.provider_name
            ) as contract_provider_name,
            coalesce(by_seen_name.model_name, by_price_name.model_name) as contract_model_name
        from matched
        left join
            contract_models as by_seen_name
            on matched.provider_name = by_seen_name.provider_name
            and matched.model_name = by_seen_name.model_name
        left join
            contract_models as by_price_name
            on by_price_name.provider_name in (matched.provider_name, matched.price_provider_name)
            and matched.price_model_name = by_price_name.model_name
        qualify
            row_number() over (
                partition by matched.provider_name, matched.model_name
                order by by_price_name.provider_name = matched.provider_name desc nulls last
            )
            = 1
    )

select *
from contracted
