-- One row per GPU and hour in which energy was measured, from the best exporter of that hour.
-- Joules lie evenly in time between two samples; neighbors further apart than the longest gap
-- measure nothing. A fallen or missing counter is replaced by the mean of both power readings.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1) }}",
    )
}}
with
    samples as (
        select *
        from {{ ref("stg_landing__gpu_samples") }}
        where {{ is_rebuilt("usage_date", days_before=2, days_after=1) }}
    ),

    paired as (
        select
            *,
            lag(sampled_at) over same_gpu as previous_sampled_at,
            lag(energy_joules_total) over same_gpu as previous_joules_total,
            lag(power_watts) over same_gpu as previous_watts,
            {{ seconds_between("lag(sampled_at) over same_gpu", "sampled_at") }} as interval_seconds
        from samples
        window same_gpu as (partition by exporter_name, gpu_uuid order by sampled_at)
    ),

    measured as (
        select
            *,
            coalesce(energy_joules_total >= previous_joules_total, false) as is_counted,
            case
                when energy_joules_total >= previous_joules_total
                then cast(energy_joules_total - previous_joules_total as double)
                else (power_watts + previous_watts) / 2 * interval_seconds
            end as interval_joules
        from paired
        where interval_seconds <= {{ var("longest_sample_gap_seconds") }}
    ),

    -- at most one full hour between an interval begins and ends in one hour or in two neighbors
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
            }} as piece_seconds
        from measured
        cross join (values (0), (1)) as pieces(piece)
        where interval_joules is not null
    ),

    summed as (
        select
            cast(hour_start_at as date) as usage_date,
            hour_start_at,
            gpu_uuid,
            exporter_name,
            sum(
                cast(interval_joules * piece_seconds / interval_seconds as decimal(38, 6))
            ) as energy_joules,
            sum(cast(piece_seconds as decimal(18, 6))) as covered_seconds,
            sum(
                cast(case when is_counted then piece_seconds else 0 end as decimal(18, 6))
            ) as counted_seconds
        from cut_at_the_hour
        where piece_seconds > 0
        group by hour_start_at, gpu_uuid, exporter_name
    ),

    best_exporters as (
        select * exclude (exporter_name, counted_seconds)
        from summed
        where {{ is_rebuilt("usage_date", days_before=1) }}
        qualify
            row_number() over (
                partition by gpu_uuid, hour_start_at
                order by counted_seconds desc, covered_seconds desc, exporter_name asc
            )
            = 1
    )

select *
from best_exporters
