with
    list_prices as (select * from {{ ref("list_prices") }}),

    followed as (
        select
            *,
            lead(valid_from) over (
                partition by provider_name, model_name, context_threshold_tokens order by valid_from
            ) as next_valid_from
        from list_prices
    )

select *
from followed
where next_valid_from < coalesce(valid_to, date '9999-12-31')
