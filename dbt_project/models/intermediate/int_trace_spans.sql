-- One row per span and the span that called it; of a model call with what its fullest copy reports.
-- A trace may lie on several days and in several files: all of its spans stay here, so that its
-- model calls can be compared without the files of all its days.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates() }}",
    )
}}
{%- set rebuilt = is_rebuilt("usage_date") %}
with
    spans as (select * from {{ ref("stg_landing__trace_spans") }} where {{ rebuilt }}),

    traced_sources as (select distinct source from spans),

    events as (
        select *
        from {{ ref("stg_landing__usage_events") }}
        where
            source_role = 'request_log'
            and {{ rebuilt }}
            and source in (select source from traced_sources)
    ),

    calls as (
        select
            event_id,
            request_id,
            provider_name,
            is_self_hosted,
            model_name,
            is_model_inferred,
            project_id,
            status,
            input_tokens,
            output_tokens,
            total_tokens,
            file_name,
            line_number
        from events
        qualify row_number() over (partition by event_id order by {{ fullest_request_copy() }}) = 1
    ),

    described as (
        select spans.*, calls.* exclude (event_id), calls.event_id is not null as is_model_call
        from spans
        left join calls on spans.event_id = calls.event_id
    )

select *
from described
