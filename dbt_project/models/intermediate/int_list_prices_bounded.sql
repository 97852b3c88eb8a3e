-- One row per listed model, period and context tier, with the tier's upper bound.
-- The tier is a cliff: it prices the whole request, not the tokens beyond the threshold.
with
    list_prices as (select * from {{ ref("list_prices") }}),

    bounded as (
        select
            *,
            lead(context_threshold_tokens) over (
                partition by provider_name, model_name, valid_from order by context_threshold_tokens
            ) as context_ceiling_tokens
        from list_prices
    )

select *
from bounded
