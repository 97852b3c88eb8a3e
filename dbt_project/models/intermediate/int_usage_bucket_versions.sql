-- One row per delivered version of a provider's usage bucket, with the time it was believed.
-- A source that states its buckets whole replaces all results of a bucket; of another source only
-- the same result is replaced, since its reports may be delivered piece by piece.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates() }}",
    )
}}
with
    events as (select * from {{ ref("stg_landing__usage_events") }}),

    whole_reports as (
        select distinct source from {{ ref("source_precedence") }} where replaces_window
    ),

    groupings as (
        select * exclude (table_name)
        from {{ ref("stg_landing__report_groupings") }}
        where table_name = 'usage_events' and {{ is_rebuilt("usage_date") }}
    ),

    scoped as (
        select
            events.*,
            case
                when whole_reports.source is null then '' else coalesce(groupings.dimensions, '')
            end as dimensions,
            case
                when whole_reports.source is null
                then ''
                else coalesce(groupings.sure_dimensions, '')
            end as sure_dimensions,
            events.event_id as record_id,
            events.started_at as window_start_at,
            {{ folder_of("events.file_name") }} as folder,
            concat_ws(
                '/',
                events.source,
                events.source_instance,
                events.operation_name,
                events.grain,
                case when whole_reports.source is null then events.event_id end
            ) as delivery_scope
        from events
        left join whole_reports on events.source = whole_reports.source
        left join
            groupings
            on events.source = groupings.source
            and events.file_sha256 = groupings.file_sha256
            and events.usage_date = groupings.usage_date
            and coalesce(events.operation_name, '') = groupings.operation_name
            and events.grain = groupings.grain
        where events.source_role = 'provider_usage' and {{ is_rebuilt("events.usage_date") }}
    ),

    {{ delivered_versions("scoped") }}

select
    * exclude (record_id, window_start_at, folder, delivery_scope, delivery_number),
    {{ account_id_of("versions") }} as account_id
from versions
