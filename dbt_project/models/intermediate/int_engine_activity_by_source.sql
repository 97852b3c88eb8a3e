-- One row per source of engine counters, self-hosted model and hour: what its engines measured.
-- Counters end in differences; they never add to the volume, they only reconcile it.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1) }}",
    )
}}
{%- set counters = [
    "prompt_tokens",
    "generation_tokens",
    "prefill_microseconds",
    "decode_microseconds",
] %}
with
    samples as (
        select *
        from {{ ref("stg_landing__engine_samples") }}
        where {{ is_rebuilt("usage_date", days_before=2, days_after=1) }}
    ),

    paired as (
        select
            *,
            lag(sampled_at) over same_engine as previous_sampled_at,
            {{ seconds_between("lag(sampled_at) over same_engine", "sampled_at") }}
            as interval_seconds,
            {% for counter in counters %}
                case
                    when process_started_at > lag(sampled_at) over same_engine
                    then 0
                    else lag({{ counter }}_total) over same_engine
                end as previous_{{ counter }}_total{{ "," if not loop.last }}
            {% endfor %}
        from samples
        window same_engine as (partition by engine_name, model_name order by sampled_at)
    ),

    increased as (
        select
            *,
            {% for counter in counters %}
                {{ counter_increase(counter ~ "_total", "previous_" ~ counter ~ "_total") }}
                as {{ counter }}{{ "," if not loop.last }}
            {% endfor %}
        from paired
        where interval_seconds <= {{ var("longest_sample_gap_seconds") }}
    ),

    -- an interval of at most an hour lies in one hour or in two neighbors
    cut_at_the_hour as (
        select
            *,
            {{ hour_of("previous_sampled_at") }} + to_hours(piece) as hour_start_at,
            {{
                seconds_between(
                    "greatest(previous_sampled_at, "
                    ~ hour_of("previous_sampled_at")
                    ~ " + to_hours(piece))",
                    "least(sampled_at, "
                    ~ hour_of("previous_sampled_at")
                    ~ " + to_hours(piece + 1))",
                )
            }} / interval_seconds as piece_ratio
        from increased
        cross join (values (0), (1)) as pieces(piece)
    ),

    summed as (
        select
            cast(hour_start_at as date) as usage_date,
            hour_start_at,
            source,
            source_instance,
            model_name,
            {% for counter in counters %}
                cast(
                    sum(cast(round({{ counter }} * piece_ratio) as bigint)) as bigint
                ) as {{ counter }}{{ "," if not loop.last }}
            {% endfor %}
        from cut_at_the_hour
        where piece_ratio > 0
        group by hour_start_at, source, source_instance, model_name
    )

select *
from summed
where {{ is_rebuilt("usage_date", days_before=1) }}
