-- Days that no file touched but on which a request counts of which a touched day has a copy: a log
-- was restated, or two logs round a moment near midnight to either side of it.
-- It asks int_usage_events_deduplicated as the last build left it, which is therefore no ref.
{{ config(materialized="table") }}
{%- set counted = last_build_of("int_usage_events_deduplicated", "intermediate") %}
{%- set events = ref("stg_landing__usage_events") %}
{%- set days = touched_dates() %}

{% if counted is none or not days -%} select cast(null as date) as usage_date where false
{%- else -%}
    select distinct counted.usage_date
    from {{ counted }} as counted
    where
        counted.source_role = 'request_log'
        and counted.usage_date not in ({{ days }})
        and counted.event_id in (
            select events.event_id
            from {{ events }} as events
            where events.source_role = 'request_log' and events.usage_date in ({{ days }})
        )
{%- endif %}
