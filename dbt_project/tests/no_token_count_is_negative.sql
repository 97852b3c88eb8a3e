with events as (select * from {{ ref("fct_usage_events") }})

select *
from events
where
    least(
        uncached_input_tokens,
        cache_read_input_tokens,
        cache_write_input_tokens,
        output_tokens,
        reasoning_output_tokens
    )
    < 0
