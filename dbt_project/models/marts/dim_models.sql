-- One row per provider and model that was used or deployed.
with
    usage as (select * from {{ ref("fct_usage_hourly") }}),

    deployments as (select * from {{ ref("stg_ledger__deployments") }}),

    named as (
        select provider_name, model_name, is_self_hosted, usage_date
        from usage
        where request_count is distinct from 0
        union all
        select
            'self_hosted' as provider_name, model_name, true as is_self_hosted, null as usage_date
        from deployments
    ),

    spanned as (
        select
            provider_name || '/' || model_name as model_id,
            provider_name,
            model_name,
            is_self_hosted,
            min(usage_date) as first_used_date,
            max(usage_date) as last_used_date
        from named
        group by provider_name, model_name, is_self_hosted
    )

select *
from spanned
