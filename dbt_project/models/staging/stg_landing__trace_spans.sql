-- One row per span and the span that called it; a span delivered twice is one span.
with
    source as (select * from {{ source("landing", "trace_spans") }}),

    deduplicated as (
        select distinct
            date as usage_date, source, trace_id, span_id, parent_span_id, is_server, event_id
        from source
    )

select *
from deduplicated
