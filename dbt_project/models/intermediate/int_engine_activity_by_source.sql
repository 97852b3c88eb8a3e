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
{%- set samples_ahead = 12 %}
with
    samples as (
        select *
        from {{ ref("stg_landing__engine_samples") }}
        where {{ is_rebuilt("usage_date", days_before=2, days_after=1) }}
    ),

    -- Counters need not be sampled together, so each has a previous sample of its own. The start of
    -- their process may come with the next few samples; a label that is seen later has a later one.
    paired as (
        select
            *,
            min(process_started_at) over (
                same_engine rows between current row and {{ samples_ahead }} following
            ) as started_at,
            {% for counter in counters %}
                lag({{ counter }}_total ignore nulls) over same_engine as previous_{{ counter }},
                lag(
                    case when {{ counter }}_total is not null then sampled_at end ignore nulls
                ) over same_engine as previous_{{ counter }}_at{{ "," if not loop.last }}
            {% endfor %}
        from samples
        window same_engine as (partition by engine_name, model_name order by sampled_at)
    ),

    intervals as (
        {% for counter in counters %}
            select
                '{{ counter }}' as counter,
                source,
                source_instance,
                model_name,
                sampled_at,
                previous_{{ counter }}_at as previous_sampled_at,
                {{ seconds_between("previous_" ~ counter ~ "_at", "sampled_at") }}
                as interval_seconds,
                {{ counter }}_total as total,
                case
                    when
                        started_at > previous_{{ counter }}_at
                        and (started_at <= sampled_at or process_started_at is not null)
                    then 0
                    else previous_{{ counter }}
                end as previous_total
            from paired
            where {{ counter }}_total is not null {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    increased as (
        select *, {{ counter_increase("total", "previous_total") }} as increase
        from intervals
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
        inner join
            (values (0), (1)) as pieces(piece)
            on piece = 0
            or sampled_at > {{ hour_of("previous_sampled_at") }} + to_hours(1)
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
                    sum(cast(round(increase * piece_ratio) as bigint)) filter (
                        counter = '{{ counter }}'
                    ) as bigint
                ) as {{ counter }}{{ "," if not loop.last }}
            {% endfor %}
        from cut_at_the_hour
        where piece_ratio > 0
        group by hour_start_at, source, source_instance, model_name
    )

select *
from summed
where {{ is_rebuilt("usage_date", days_before=1) }}
