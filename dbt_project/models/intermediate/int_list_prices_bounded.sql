-- One row per listed model, service tier, period, context tier and window of the day (UTC), as
-- believed now, with the context tier's upper bound.
-- The tier is a cliff: it prices the whole request, not the tokens beyond the threshold.
with
    versions as (select * from {{ ref("int_list_price_versions") }} where believed_to is null),

    bounded as (
        select
            *,
            lead(context_threshold_tokens) over (
                partition by
                    provider_name, model_name, service_tier, valid_from, window_start_minute
                order by context_threshold_tokens
            ) as context_ceiling_tokens
        from versions
    )

select *
from bounded
