-- One row per event, whatever the order its copies arrived in. Of several copies of a request the
-- fullest wins, of a provider's bucket the last delivery. Which source counts is decided later.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(follow_events=true) }}",
    )
}}
{%- set rebuilt = is_rebuilt("usage_date", follow_events=true) %}
with
    events as (select * from {{ ref("stg_landing__usage_events") }}),

    fullest_copies as (
        select *
        from events
        where source_role = 'request_log' and {{ rebuilt }}
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
    ),

    unioned as (
        select *
        from fullest_copies
        union all by name
        select *
        from {{ ref("int_usage_buckets_current") }}
        where {{ rebuilt }}
        union all by name
        select *
        from {{ ref("int_client_log_events") }}
        where {{ rebuilt }}
    )

select
    * exclude (
        file_sha256, delivered_at, operation_name, deployment_name, request_id, is_sidechain
    ),
    {{ account_id_of("unioned") }} as account_id
from unioned
