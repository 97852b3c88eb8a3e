with
    counted as (
        select
            usage_date,
            source,
            coalesce(sum(input_tokens), 0) as input_tokens,
            coalesce(sum(output_tokens), 0) as output_tokens
        from {{ ref("int_usage_daily_by_source") }}
        where is_counted
        group by usage_date, source
    ),

    facts as (
        select
            usage_date,
            source,
            coalesce(sum(input_tokens), 0) as input_tokens,
            coalesce(sum(output_tokens), 0) as output_tokens
        from {{ ref("fct_usage_events") }}
        group by usage_date, source
    )

select
    usage_date,
    source,
    counted.input_tokens,
    facts.input_tokens as fact_input_tokens,
    counted.output_tokens,
    facts.output_tokens as fact_output_tokens
from counted
full join facts using (usage_date, source)
where
    coalesce(counted.input_tokens, 0) != coalesce(facts.input_tokens, 0)
    or coalesce(counted.output_tokens, 0) != coalesce(facts.output_tokens, 0)
