-- One row per event: of several copies the fullest wins, whatever the order they arrived in.
-- Only request logs count for volume: counters and bills see the same requests again.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates() }}",
    )
}}
with
    events as (select * from {{ ref("stg_landing__usage_events") }}),

    request_logs_of_rebuilt_days as (
        select * from events where source_role = 'request_log' and {{ is_rebuilt("usage_date") }}
    ),

    fullest_copies as (
        select *
        from request_logs_of_rebuilt_days
        qualify
            row_number() over (
                partition by event_id
                order by
                    coalesce(total_tokens, -1) desc,
                    coalesce(ended_at, started_at) desc,
                    file_sha256 asc,
                    line_number asc
            )
            = 1
    )

select * exclude (source_role, file_sha256)
from fullest_copies
