-- One row per hour, GPU, MIG instance (or partition) and profile that was read, from the exporter
-- of
-- that hour that tells most of the slices' load. Means are over samples, as those of whole GPUs; a
-- ratio covers the time between a sample that tells it and the one before, unless they are further
-- apart than the longest gap.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1) }}",
    )
}}
{%- set ratios = [
    "gpu_utilization",
    "graphics_engine_active",
    "sm_active",
    "tensor_active",
    "dram_active",
    "memory_used",
    "productive",
] %}
with
    samples as (
        select *
        from {{ ref("stg_landing__mig_samples") }}
        where {{ is_rebuilt("usage_date", days_before=2, days_after=1) }}
    ),

    measured as (
        select
            *,
            memory_used_bytes / nullif(memory_total_bytes, 0) as memory_used_ratio,
            cast(
                coalesce(sm_active_ratio, graphics_engine_active_ratio, gpu_utilization_ratio)
                > {{ var("productive_ratio") }} as integer
            ) as productive_ratio,
            lag(sampled_at) over same_slice as previous_sampled_at,
            count(*) over (partition by exporter_name, gpu_uuid, sampled_at) as slice_count
        from samples
        window
            same_slice as (
                partition by exporter_name, gpu_uuid, mig_instance_id, mig_profile
                order by sampled_at
            )
    ),

    averaged as (
        select
            usage_date,
            {{ hour_of("sampled_at") }} as hour_start_at,
            exporter_name,
            gpu_uuid,
            mig_instance_id,
            mig_profile,
            max(host_name) as host_name,
            max(gpu_model) as gpu_model,
            max(slice_count) as slice_count,
            count(*) as sample_count,
            {% for ratio in ratios -%}
                -- decimals: sums of doubles depend on their order
                sum(cast({{ ratio }}_ratio as decimal(18, 9)))
                / nullif(count({{ ratio }}_ratio), 0) as {{ ratio }}_ratio{{ "," if not loop.last }}
            {% endfor %}
        from measured
        where {{ is_rebuilt("usage_date", days_before=1) }}
        group by
            usage_date,
            {{ hour_of("sampled_at") }},
            exporter_name,
            gpu_uuid,
            mig_instance_id,
            mig_profile
    ),

    -- the longest gap is an hour, so that an interval lies in one hour or in two neighbors
    cut_at_the_hour as (
        select
            measured.*,
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
        where
            {{ seconds_between("previous_sampled_at", "sampled_at") }}
            <= {{ var("longest_sample_gap_seconds") }}
    ),

    covered as (
        select
            hour_start_at,
            exporter_name,
            gpu_uuid,
            mig_instance_id,
            mig_profile,
            {% for ratio in ratios -%}
                sum(cast(piece_seconds as decimal(18, 6))) filter (
                    {{ ratio }}_ratio is not null
                ) as {{ ratio }}_seconds,
            {% endfor -%}
            sum(cast(piece_seconds as decimal(18, 6))) as covered_seconds
        from cut_at_the_hour
        where piece_seconds > 0
        group by hour_start_at, exporter_name, gpu_uuid, mig_instance_id, mig_profile
    ),

    joined as (
        select
            averaged.*,
            {% for ratio in ratios -%}
                coalesce(covered.{{ ratio }}_seconds, 0) as {{ ratio }}_seconds,
            {% endfor -%}
            coalesce(covered.covered_seconds, 0) as covered_seconds
        from averaged
        left join
            covered
            on averaged.hour_start_at = covered.hour_start_at
            and averaged.exporter_name = covered.exporter_name
            and averaged.gpu_uuid = covered.gpu_uuid
            and averaged.mig_instance_id = covered.mig_instance_id
            and averaged.mig_profile = covered.mig_profile
    ),

    best_exporters as (
        select gpu_uuid, hour_start_at, exporter_name
        from joined
        group by gpu_uuid, hour_start_at, exporter_name
        qualify
            row_number() over (
                partition by gpu_uuid, hour_start_at
                order by sum(productive_seconds) desc, sum(covered_seconds) desc, exporter_name asc
            )
            = 1
    )

select joined.* exclude (exporter_name)
from joined
semi join
    best_exporters
    on joined.gpu_uuid = best_exporters.gpu_uuid
    and joined.hour_start_at = best_exporters.hour_start_at
    and joined.exporter_name = best_exporters.exporter_name
