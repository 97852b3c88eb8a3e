-- One row per cloud model seen in the logs: its name in the price list and in the ledgers.
{{ config(materialized="table") }}
with
    seen_models as (select distinct provider_name, model_name from {{ ref("int_skus_seen") }}),

    price_matches as (select * from {{ ref("stg_state__price_matches") }}),

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
    )

    {% for ledger, models in {
        "contract": ref("stg_ledger__contract_prices"),
        "override": ref("stg_ledger__price_overrides"),
    }.items() -%}
        ,

        -- a ledger names the model as the logs do, else as the price list does
        {{ ledger }}_names as (
            select
                matched.provider_name,
                matched.model_name,
                arg_min(
                    named.provider_name,
                    2 * cast(named.model_name != matched.model_name as integer)
                    + cast(named.provider_name != matched.provider_name as integer)
                ) as {{ ledger }}_provider_name,
                arg_min(
                    named.model_name,
                    2 * cast(named.model_name != matched.model_name as integer)
                    + cast(named.provider_name != matched.provider_name as integer)
                ) as {{ ledger }}_model_name
            from matched
            inner join
                (select distinct provider_name, model_name from {{ models }}) as named
                on named.provider_name in (matched.provider_name, matched.price_provider_name)
                and named.model_name in (matched.model_name, matched.price_model_name)
            group by matched.provider_name, matched.model_name
        )
    {%- endfor %}

select
    matched.*,
    contract_names.contract_provider_name,
    contract_names.contract_model_name,
    override_names.override_provider_name,
    override_names.override_model_name
from matched
left join contract_names using (provider_name, model_name)
left join override_names using (provider_name, model_name)
