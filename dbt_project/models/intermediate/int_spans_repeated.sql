-- One row per model call of a trace that another span of the same trace tells again, with that one.
-- Spans nest: an application's framework, its client and the engine that answers may each record
-- one request. The innermost counts: it stands nearest to who answered, and the engine knows what
-- it computed. One without tokens gives way to one with tokens, as among sources.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(follow_events=true) }}",
    )
}}
{%- set rebuilt = is_rebuilt("usage_date", follow_events=true) %}
with recursive
    spans as (select * from {{ ref("int_trace_spans") }}),

    nesting_traces as (
        select trace_id
        from spans
        group by trace_id
        having bool_or({{ rebuilt }}) and count(distinct span_id) filter (is_model_call) > 1
    ),

    traced as (select spans.* from spans semi join nesting_traces using (trace_id)),

    calls as (select distinct * exclude (parent_span_id) from traced where is_model_call),

    {{ nested_spans("traced") }},

    paired as (
        select
            outer_calls as outer_call,
            inner_calls as inner_call,
            coalesce(outer_calls.request_id = inner_calls.request_id, false) as is_same_answer,
            inner_calls.is_server
            and inner_calls.is_self_hosted
            and not outer_calls.is_server as is_of_engine,
            -- OpenAI's client also asks one's own engines, whose spans may not name the model
            nested.is_nearest
            and (
                outer_calls.is_self_hosted
                or outer_calls.model_name = inner_calls.model_name
                or (outer_calls.provider_name = 'openai' and inner_calls.is_model_inferred)
            ) as is_same_model,
            coalesce(
                outer_calls.input_tokens = inner_calls.input_tokens
                and outer_calls.output_tokens = inner_calls.output_tokens
                and outer_calls.total_tokens > 0,
                false
            ) as has_same_tokens,
            outer_calls.total_tokens is not null
            and inner_calls.total_tokens is null as has_outer_tokens_only
        from nested
        inner join
            calls as inner_calls
            on nested.trace_id = inner_calls.trace_id
            and nested.span_id = inner_calls.span_id
        inner join
            calls as outer_calls
            on nested.trace_id = outer_calls.trace_id
            and nested.ancestor_span_id = outer_calls.span_id
    ),

    -- an attempt that failed at the engine is no answer of it
    told_again as (
        select
            if(has_outer_tokens_only, inner_call, outer_call) as dropped,
            if(has_outer_tokens_only, outer_call, inner_call) as kept,
            case
                when has_outer_tokens_only
                then 'no_tokens'
                when is_of_engine
                then 'engine_span'
                else 'nested_span'
            end as reason
        from paired
        where
            is_same_answer
            or (
                is_of_engine
                and (
                    has_same_tokens
                    or (
                        is_same_model
                        and not (has_outer_tokens_only and inner_call.status = 'failure')
                    )
                )
            )
    ),

    dropped_events as (select distinct dropped.event_id from told_again),

    preferred as (
        select told_again.*
        from told_again
        left join dropped_events on told_again.kept.event_id = dropped_events.event_id
        qualify
            row_number() over (
                partition by told_again.dropped.event_id
                order by
                    dropped_events.event_id is not null, told_again.reason, told_again.kept.event_id
            )
            = 1
    )

select
    dropped.usage_date,
    dropped.event_id,
    reason,
    kept.event_id as kept_event_id,
    dropped.trace_id,
    dropped.span_id,
    dropped.provider_name,
    dropped.model_name,
    dropped.project_id,
    dropped.input_tokens,
    dropped.output_tokens,
    dropped.source,
    dropped.file_name,
    dropped.line_number
from preferred
where {{ rebuilt | replace("usage_date", "dropped.usage_date") }}
