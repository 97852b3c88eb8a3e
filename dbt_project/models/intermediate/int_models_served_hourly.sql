-- One row per self-hosted model and hour with load: a logged request, or tokens in its engines.
with
    usage as (select * from {{ ref("fct_usage_hourly") }}),

    engines as (select * from {{ ref("int_engine_activity_hourly") }}),

    loaded as (
        select usage_date, hour_start_at, model_name
        from usage
        where is_self_hosted and request_count is distinct from 0
        union
        select usage_date, hour_start_at, model_name
        from engines
        where prompt_tokens + generation_tokens > 0
    )

select *
from loaded
