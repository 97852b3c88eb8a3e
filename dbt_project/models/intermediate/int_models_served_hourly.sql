-- One row per self-hosted model and hour with load: a logged request, or tokens in its engines;
-- and whether all it had were failures, which the GPUs worked for in vain.
with
    usage as (select * from {{ ref("fct_usage_hourly") }}),

    engines as (select * from {{ ref("int_engine_activity_hourly") }}),

    loads as (
        select
            usage_date,
            hour_start_at,
            model_name,
            coalesce(failed_request_count = request_count, false)
            and coalesce(output_tokens, 0) = 0 as has_failed
        from usage
        where is_self_hosted and request_count is distinct from 0
        union all
        select usage_date, hour_start_at, model_name, generation_tokens = 0 as has_failed
        from engines
        where prompt_tokens + generation_tokens > 0
    )

select usage_date, hour_start_at, model_name, bool_and(has_failed) as has_only_failures
from loads
group by usage_date, hour_start_at, model_name
