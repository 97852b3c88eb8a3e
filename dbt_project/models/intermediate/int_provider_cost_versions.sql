-- One row per delivered version of a line of a provider's cost report, with the time it was
-- believed. A delivery replaces all lines of the days it is about.
{{ config(materialized="table") }}
with
    costs as (select * from {{ ref("stg_landing__provider_costs") }}),

    scoped as (
        select
            *,
            cost_id as record_id,
            concat_ws('/', source, source_instance, provider_name) as delivery_scope,
            {{ account_id_of("costs") }} as account_id
        from costs
    ),

    {{ delivered_versions("scoped") }}

select * exclude (record_id, folder, delivery_scope, delivery_number)
from versions
