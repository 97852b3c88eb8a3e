-- One row per price of one class as believed now, in the terms of the SKU Price dataset of the
-- FOCUS 1.5 draft. A service tier, a context tier and a window of the day are prices of their own.
with
    prices as (
        select *
        from {{ ref("dim_prices") }}
        where believed_to is null and price_source != 'mixed' and region_name is null
    ),

    unpivoted as (
        unpivot prices
        on {% for token_class in priced_classes() -%}
            {{ token_class }}_unit_price_usd{{ ", " if not loop.last }}
        {%- endfor %}
        into name column_name value unit_price
    ),

    named as (
        select
            *,
            replace(column_name, '_unit_price_usd', '') as token_class,
            concat_ws('/', provider_name, model_name) as sku_id
        from unpivoted
    )

select
    provider_name as service_provider_name,
    concat_ws(
        '/',
        sku_id,
        service_tier,
        token_class,
        context_threshold_tokens,
        if(
            window_end_minute - window_start_minute < 1440,
            window_start_minute || '-' || window_end_minute,
            null
        )
    ) as sku_price_id,
    sku_id,
    model_name as pricing_service_name,
    case when price_source = 'contract' then stated_by end as contract_id,
    'Usage' as charge_category,
    case
        when token_class in ('request', 'web_search') then 'Requests' else 'Tokens'
    end as pricing_unit,
    'USD' as pricing_currency,
    'National' as pricing_currency_category,
    unit_price,
    case price_source when 'contract' then 'Contracted' else 'List' end as unit_price_type,
    valid_from as sku_price_effective_start,
    valid_to as sku_price_effective_end,
    believed_from as sku_price_created,
    believed_from as sku_price_last_updated,
    context_threshold_tokens as quantity_tier_minimum,
    concat_ws(
        ', ',
        model_name,
        replace(token_class, '_', ' '),
        service_tier || ' tier',
        if(
            context_threshold_tokens > 0,
            'more than ' || context_threshold_tokens || ' input tokens',
            null
        ),
        if(window_end_minute - window_start_minute < 1440, {{ clock_window() }}, null)
    ) as sku_price_description,
    cast(
        json_object(
            'ServiceTier',
            service_tier,
            'UtcStartMinute',
            window_start_minute,
            'UtcEndMinute',
            window_end_minute
        ) as varchar
    ) as sku_price_eligibility,
    price_source,
    price_id
from named
