-- One row per delivered version of a provider's usage bucket, cost line or line of a bill.
-- What was believed at a moment: those with believed_from_at <= moment and believed_to_at > moment
-- or NULL.
{%- set believed = [
    "source",
    "source_instance",
    "believed_from_at",
    "believed_to_at",
    "believed_to_at is null as is_current",
    "file_name",
    "line_number",
] | join(", ") %}
with
    unioned as (
        select
            'usage_bucket' as record_kind,
            event_id as record_id,
            usage_date,
            account_id,
            provider_name,
            model_name,
            started_at as window_start_at,
            ended_at as window_end_at,
            request_count,
            input_tokens,
            output_tokens,
            reported_cost_usd as cost_amount,
            case when reported_cost_usd is not null then 'USD' end as cost_currency,
            {{ believed }}
        from {{ ref("int_usage_bucket_versions") }}
        union all by name
        select
            'provider_cost' as record_kind,
            cost_id as record_id,
            usage_date,
            account_id,
            provider_name,
            coalesce(model_name, '') as model_name,
            window_start_at,
            window_end_at,
            cost_amount,
            cost_currency,
            {{ believed }}
        from {{ ref("int_provider_cost_versions") }}
        union all by name
        select
            'bill_line' as record_kind,
            bill_line_id as record_id,
            usage_date,
            account_id,
            coalesce(provider_name, '') as provider_name,
            '' as model_name,
            charge_period_start as window_start_at,
            charge_period_end as window_end_at,
            billed_cost as cost_amount,
            billing_currency as cost_currency,
            {{ believed }}
        from {{ ref("int_bill_line_versions") }}
    )

select *
from unioned
