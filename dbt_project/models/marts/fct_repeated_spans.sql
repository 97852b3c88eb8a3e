-- One row per model call in a trace that is not counted, since another span of it tells it again.
with repeated_spans as (select * from {{ ref("int_spans_repeated") }})

select
    event_id,
    usage_date,
    reason,
    kept_event_id,
    trace_id,
    span_id,
    provider_name,
    model_name,
    input_tokens,
    output_tokens,
    source,
    file_name,
    line_number
from repeated_spans
