-- One row per provider and model that was used, deployed or charged.
with
    usage as (select * from {{ ref("fct_usage_hourly") }}),

    deployments as (select * from {{ ref("stg_ledger__deployments") }}),

    charges as (select * from {{ ref("fct_charges_hourly") }}),

    named as (
        select provider_name, model_name, is_self_hosted, usage_date
        from usage
        where request_count is distinct from 0
        union all
        select
            'self_hosted' as provider_name, model_name, true as is_self_hosted, null as usage_date
        from deployments
        union all
        -- reserved throughput that served nothing, and answers of a gateway's cache alone
        select distinct
            provider_name,
            model_name,
            provider_name = 'self_hosted' as is_self_hosted,
            cast(null as date) as usage_date
        from charges
        union all
        select distinct provider_name, model_name, is_self_hosted, cast(null as date) as usage_date
        from usage
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
        where model_name != ''
        group by provider_name, model_name, is_self_hosted
    )

select {{ model_key() }} as model_key, {{ star_key("provider_name") }} as provider_key, *
from spanned
