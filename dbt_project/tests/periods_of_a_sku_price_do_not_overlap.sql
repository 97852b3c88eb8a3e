with
    prices as (select * from {{ ref("dim_sku_prices") }}),

    followed as (
        select
            *,
            lead(sku_price_effective_start) over (
                partition by
                    service_provider_name,
                    sku_price_id,
                    contract_id,
                    pricing_currency,
                    unit_price_type,
                    price_source
                order by sku_price_effective_start
            ) as next_effective_start
        from prices
    )

select *
from followed
where next_effective_start < coalesce(sku_price_effective_end, date '9999-12-31')
