-- One row per inference engine, model and moment; a scrape delivered twice is one scrape.
with
    source as (select * from {{ source("landing", "engine_samples") }}),

    deduplicated as (
        select
            date as usage_date,
            source,
            source_instance,
            concat_ws('/', source, source_instance, instance_name, engine_index) as engine_name,
            coalesce(model_name, '') as model_name,
            sampled_at,
            max(process_started_at) as process_started_at,
            max(prompt_tokens_total) as prompt_tokens_total,
            max(generation_tokens_total) as generation_tokens_total,
            max(
                cast(round(prefill_seconds_total * 1000000) as bigint)
            ) as prefill_microseconds_total,
            max(cast(round(decode_seconds_total * 1000000) as bigint)) as decode_microseconds_total
        from source
        group by usage_date, source, source_instance, engine_name, model_name, sampled_at
    )

select *
from deduplicated
