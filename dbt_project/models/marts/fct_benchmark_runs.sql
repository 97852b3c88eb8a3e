-- One row per run of a serving benchmark: what a configuration can do, not what was used.
with runs as (select * from {{ ref("stg_landing__benchmark_runs") }})

select
    run_id,
    started_at,
    backend_name,
    model_name,
    label,
    request_rate,
    max_concurrency,
    duration_seconds,
    completed_requests,
    failed_requests,
    input_tokens,
    output_tokens,
    output_tokens_per_second,
    total_tokens_per_second,
    time_to_first_token_p50_seconds,
    time_to_first_token_p99_seconds,
    time_per_output_token_p50_seconds,
    time_per_output_token_p99_seconds,
    configuration,
    source,
    source_instance,
    file_name,
    line_number
from runs
