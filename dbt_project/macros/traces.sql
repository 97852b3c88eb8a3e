-- Which model calls of a trace lie within which, as common table expressions of a recursive query
-- that end in `nested`: trace_id, span_id, ancestor_span_id, and is_nearest, whether no other model
-- call lies between them. `spans` names a relation with one row per span and the span that called
-- it: trace_id, span_id, parent_span_id, is_model_call.
{% macro nested_spans(spans) -%}
    links as (
        select distinct trace_id, span_id, parent_span_id
        from {{ spans }}
        where parent_span_id is not null
    ),

    call_spans as (select distinct trace_id, span_id from {{ spans }} where is_model_call),

    -- from each model call upwards, through spans that are none
    climbed as (
        select
            links.trace_id,
            links.span_id,
            links.parent_span_id as ancestor_span_id,
            true as is_nearest
        from links
        semi join
            call_spans
            on links.trace_id = call_spans.trace_id
            and links.span_id = call_spans.span_id
        union
        select
            climbed.trace_id,
            climbed.span_id,
            links.parent_span_id as ancestor_span_id,
            climbed.is_nearest and call_spans.span_id is null as is_nearest
        from climbed
        inner join
            links on climbed.trace_id = links.trace_id and climbed.ancestor_span_id = links.span_id
        left join
            call_spans
            on climbed.trace_id = call_spans.trace_id
            and climbed.ancestor_span_id = call_spans.span_id
    ),

    ancestors as (
        select trace_id, span_id, ancestor_span_id, bool_or(is_nearest) as is_nearest
        from climbed
        group by trace_id, span_id, ancestor_span_id
    ),

    -- spans that call each other in a circle are broken: neither is the inner one
    nested as (
        select ancestors.*
        from ancestors
        anti join
            ancestors as turned
            on ancestors.trace_id = turned.trace_id
            and ancestors.span_id = turned.ancestor_span_id
            and ancestors.ancestor_span_id = turned.span_id
    )
{%- endmacro %}
