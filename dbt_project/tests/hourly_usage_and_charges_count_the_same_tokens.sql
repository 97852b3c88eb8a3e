with
    usage as (
        select usage_date, sum(total_tokens) as tokens, sum(input_tokens) as input_tokens
        from {{ ref("fct_usage_hourly") }}
        group by usage_date
    ),

    charges as (
        select usage_date, sum(total_tokens) as tokens, sum(input_tokens) as input_tokens
        from {{ ref("fct_charges_hourly") }}
        group by usage_date
    )

select usage_date, usage.tokens, charges.tokens as charged_tokens
from usage
left join charges using (usage_date)
where
    usage.tokens is distinct from charges.tokens
    or usage.input_tokens is distinct from charges.input_tokens
