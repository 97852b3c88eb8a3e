-- One row per delivered version of a line of a bill, with the time it was believed. Lines have no
-- key that lasts: a delivery replaces all lines of its account and billing period on the days from
-- the first to the last it charges for, so that both whole months and single days may be delivered.
{{ config(materialized="table") }}
with
    bill_lines as (select * from {{ ref("stg_landing__bill_lines") }}),

    providers as (select * from {{ ref("bill_providers") }}),

    services as (
        select distinct
            service_provider_name, service_name, source, source_instance, null as project_id
        from bill_lines
    ),

    provided as (
        select services.*, arg_min(providers.provider_name, precedence) as provider_name
        from services
        left join
            providers
            on lower(coalesce(services.service_provider_name, ''))
            like providers.service_provider_pattern
            and lower(coalesce(services.service_name, '')) like providers.service_pattern
        group by all
    ),

    scoped as (
        select
            bill_lines.*,
            provided.provider_name,
            case
                when provided.provider_name is not null then {{ account_id_of("provided") }}
            end as account_id,
            bill_lines.bill_line_id as record_id,
            cast(bill_lines.usage_date as timestamp) as window_start_at,
            concat_ws(
                '/',
                bill_lines.source,
                bill_lines.source_instance,
                bill_lines.billing_account_id,
                bill_lines.billing_period_start
            ) as delivery_scope
        from bill_lines
        inner join
            provided
            on bill_lines.source = provided.source
            and bill_lines.source_instance = provided.source_instance
            and bill_lines.service_provider_name is not distinct from provided.service_provider_name
            and bill_lines.service_name is not distinct from provided.service_name
    ),

    {{ delivered_versions("scoped") }}

select * exclude (record_id, window_start_at, folder, delivery_scope, delivery_number)
from versions
