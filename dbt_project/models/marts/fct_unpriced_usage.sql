-- One row per day, provider, model and reason: usage whose cost is unknown, and why.
with
    events as (select * from {{ ref("fct_usage_events") }} where pricing_status = 'unpriced'),

    inference as (select * from {{ ref("int_inference_costs_split") }} where not has_gpus),

    unioned as (
        select
            usage_date,
            provider_name,
            model_name,
            request_count,
            total_tokens,
            unpriced_reason as reason
        from events
        union all
        select
            usage_date,
            'self_hosted' as provider_name,
            model_name,
            request_count,
            total_tokens,
            'no_deployment_in_ledger' as reason
        from inference
    )

select
    usage_date,
    provider_name,
    model_name,
    case
        when bool_and(request_count is not null) then cast(sum(request_count) as bigint)
    end as request_count,
    cast(sum(total_tokens) as bigint) as total_tokens,
    reason
from unioned
group by usage_date, provider_name, model_name, reason
