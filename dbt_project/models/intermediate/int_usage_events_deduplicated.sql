-- One row per event, whatever the order its copies arrived in. Of several copies of a request the
-- fullest wins, of equally full ones the last delivered; of a provider's bucket the last delivery.
-- Which source counts is decided later.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(follow_events=true) }}",
    )
}}
{%- set rebuilt = is_rebuilt("usage_date", follow_events=true) %}
{%- set followed = ref("int_days_sharing_requests") %}
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
                    delivered_at desc,
                    line_number desc,
                    file_sha256 asc
            )
            = 1
    ),

    -- A day that is built anew for one of its requests has copies of others that lost before.
    counted_on_other_days as (
        {% if is_incremental() -%}
            select counted.event_id
            from {{ this }} as counted
            where
                counted.event_id in (
                    select fullest_copies.event_id
                    from fullest_copies
                    inner join
                        {{ followed }} as followed
                        on fullest_copies.usage_date = followed.usage_date
                )
                and not {{ rebuilt }}
        {%- else -%}select cast(null as text) as event_id where false
        {%- endif %}
    ),

    unioned as (
        select fullest_copies.*
        from fullest_copies
        anti join counted_on_other_days on fullest_copies.event_id = counted_on_other_days.event_id
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
