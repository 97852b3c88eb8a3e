-- One row per event and day of the logs that clients keep: the fullest copy of that day.
-- Clients write an event again while it streams, on branches and in forks, at times on another
-- day: all days of an event stay here, so that one of them can be chosen without its files.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates() }}",
    )
}}
with
    events as (select * from {{ ref("stg_landing__usage_events") }}),

    client_logs_of_touched_days as (
        select * from events where source_role = 'client_log' and {{ is_rebuilt("usage_date") }}
    ),

    fullest_copies as (
        select
            * replace (min(started_at) over same_event as started_at),
            -- copies of one answer of the provider share its id, whoever asked
            coalesce(source || '/' || request_id, event_id) as family_id,
            bool_and(is_sidechain) over same_event as is_on_sidechain_only
        from client_logs_of_touched_days
        window same_event as (partition by event_id, usage_date)
        qualify
            row_number() over (
                partition by event_id, usage_date
                order by {{ fullest_client_copy("client_logs_of_touched_days.started_at") }}
            )
            = 1
    )

select *
from fullest_copies
