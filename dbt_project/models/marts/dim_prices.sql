-- One row per price that any source states, or that several make together, and the time it was
-- believed; prices are per one unit. A class that a source leaves out is billed as the class that
-- contains it.
with
    list_prices as (select * from {{ ref("int_list_price_versions") }}),

    contract_prices as (select * from {{ ref("int_contract_prices_pivoted") }}),

    overrides as (select * from {{ ref("int_price_overrides_pivoted") }}),

    applied as (select * from {{ ref("int_prices_applied") }}),

    stated as (
        select *, 'list' as price_source, null as stated_by
        from list_prices
        union all by name
        select *, 'contract' as price_source, contract_id as stated_by
        from contract_prices
        union all by name
        select *, 'override' as price_source, override_id as stated_by
        from overrides
    ),

    -- a contract that leaves classes to the list, or a list price with a region's uplift
    mixed as (
        select
            applied.*,
            coalesce(only_source, 'mixed') as price_source,
            price_snapshot as mixed_snapshot
        from applied
        anti join stated on applied.price_id = stated.price_id
    ),

    unioned as (
        select
            price_id,
            provider_name,
            model_name,
            service_tier,
            null as region_name,
            price_source,
            stated_by,
            price_snapshot,
            price_snapshot_sha256,
            valid_from,
            valid_to,
            believed_from,
            believed_to,
            context_threshold_tokens,
            coalesce(window_start_minute, 0) as window_start_minute,
            coalesce(window_end_minute, 1440) as window_end_minute,
            null as price_rule,
            {{ billed_as_others() }} as billed_as_others,
            {{ with_parents("", "_unit_price_usd", "", "_unit_price_usd") }}
        from stated
        union all by name
        select
            price_id,
            provider_name,
            model_name,
            price_service_tier as service_tier,
            nullif(region_name, '') as region_name,
            price_source,
            valid_from,
            valid_to,
            context_threshold_tokens,
            window_start_minute,
            window_end_minute,
            price_rule,
            {% for token_class in priced_classes() -%}
                {{ token_class }}_unit_price_usd{{ "," if not loop.last }}
            {% endfor %}
        from mixed
    )

select *
from unioned
