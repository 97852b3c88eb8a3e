-- One row per delivered version of a line of a provider's cost report, with the time it was
-- believed. A delivery replaces all lines of the days it is about.
{{ config(materialized="table") }}
with
    costs as (select * from {{ ref("stg_landing__provider_costs") }}),

    groupings as (
        select source, file_sha256, usage_date, dimensions, sure_dimensions
        from {{ ref("stg_landing__report_groupings") }}
        where table_name = 'provider_costs'
    ),

    scoped as (
        select
            costs.*,
            coalesce(groupings.dimensions, '') as dimensions,
            coalesce(groupings.sure_dimensions, '') as sure_dimensions,
            costs.cost_id as record_id,
            concat_ws(
                '/', costs.source, costs.source_instance, costs.provider_name
            ) as delivery_scope,
            {{ account_id_of("costs") }} as account_id
        from costs
        left join
            groupings
            on costs.source = groupings.source
            and costs.file_sha256 = groupings.file_sha256
            and costs.usage_date = groupings.usage_date
    ),

    {{ delivered_versions("scoped") }}

select * exclude (record_id, folder, delivery_scope, delivery_number)
from versions
