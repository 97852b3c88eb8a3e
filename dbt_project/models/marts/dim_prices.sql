-- One row per provider, model, price source, period and context tier; prices are per one token.
with
    list_prices as (select * from {{ ref("int_list_prices_bounded") }}),

    contract_prices as (select * from {{ ref("int_contract_prices_pivoted") }}),

    unioned as (
        select
            provider_name,
            model_name,
            'list' as price_source,
            price_snapshot,
            valid_from,
            valid_to,
            context_threshold_tokens,
            uncached_input_unit_price_usd,
            cache_read_input_unit_price_usd,
            cache_write_input_unit_price_usd,
            cache_write_1h_input_unit_price_usd,
            output_unit_price_usd
        from list_prices
        union all
        select
            provider_name,
            model_name,
            'contract' as price_source,
            null as price_snapshot,
            valid_from,
            valid_to,
            0 as context_threshold_tokens,
            uncached_input_unit_price_usd,
            cache_read_input_unit_price_usd,
            cache_write_input_unit_price_usd,
            cache_write_1h_input_unit_price_usd,
            output_unit_price_usd
        from contract_prices
    )

select *
from unioned
