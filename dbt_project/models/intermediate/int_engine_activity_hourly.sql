-- One row per self-hosted model and hour: what its engines measured.
with
    activity as (select * from {{ ref("int_engine_activity_by_source") }}),

    summed as (
        select
            usage_date,
            hour_start_at,
            model_name,
            {% for column in [
                "prompt_tokens",
                "generation_tokens",
                "prefill_microseconds",
                "decode_microseconds",
            ] -%}
                cast(sum({{ column }}) as bigint) as {{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from activity
        group by usage_date, hour_start_at, model_name
    )

select *
from summed
