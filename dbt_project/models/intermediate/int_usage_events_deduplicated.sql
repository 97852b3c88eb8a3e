-- One row per event, whatever the order its copies arrived in. Of several copies of a request the
-- fullest wins, of equally full ones the last delivered; of a provider's bucket the last delivery,
-- of nested spans the innermost. An engine does not know its client's project, and may not name its
-- model: its client does. Which source counts is decided later.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(follow_events=true) }}",
    )
}}
{%- set rebuilt = is_rebuilt("usage_date", follow_events=true) %}
{%- set touched = touched_dates() if is_incremental() else "" %}
with
    events as (select * from {{ ref("stg_landing__usage_events") }}),

    repeated_spans as (select * from {{ ref("int_spans_repeated") }}),

    clients as (
        select
            kept_event_id as event_id,
            arg_min(model_name, event_id) filter (model_name != '') as asked_model_name,
            arg_min(project_id, event_id) as asking_project_id
        from repeated_spans
        where reason = 'engine_span'
        group by kept_event_id
    ),

    fullest_copies as (
        select *
        from events
        where source_role = 'request_log' and {{ rebuilt }}
        qualify row_number() over (partition by event_id order by {{ fullest_request_copy() }}) = 1
    ),

    requests as (
        select
            fullest_copies.* replace (
                case
                    when fullest_copies.is_model_inferred
                    then coalesce(clients.asked_model_name, fullest_copies.model_name)
                    else fullest_copies.model_name
                end as model_name,
                coalesce(fullest_copies.project_id, clients.asking_project_id) as project_id
            )
        from fullest_copies
        anti join repeated_spans on fullest_copies.event_id = repeated_spans.event_id
        left join clients on fullest_copies.event_id = clients.event_id
    ),

    -- A day that no file touched is built anew for some of its requests, and has copies of others
    -- that lost before to a day that stays.
    counted_on_other_days as (
        {% if is_incremental() -%}
            select counted.event_id
            from {{ this }} as counted
            where
                counted.event_id in (
                    select fullest_copies.event_id
                    from fullest_copies
                    {% if touched -%}
                        where fullest_copies.usage_date not in ({{ touched }})
                    {%- endif %}
                )
                and not {{ rebuilt }}
        {%- else -%}select cast(null as text) as event_id where false
        {%- endif %}
    ),

    unioned as (
        select requests.*
        from requests
        anti join counted_on_other_days on requests.event_id = counted_on_other_days.event_id
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
        file_sha256,
        delivered_at,
        operation_name,
        deployment_name,
        request_id,
        is_sidechain,
        is_model_inferred
    ),
    {{ account_id_of("unioned") }} as account_id
from unioned
