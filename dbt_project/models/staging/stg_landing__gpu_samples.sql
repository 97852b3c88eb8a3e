-- One row per exporter, whole GPU and moment; a reading delivered twice is one reading.
-- Readings of MIG slices are left out: power and energy belong to the whole GPU.
with
    source as (select * from {{ source("landing", "gpu_samples") }}),

    whole_gpus as (select * from source where mig_instance_id is null),

    deduplicated as (
        select
            date as usage_date,
            source || '/' || source_instance as exporter_name,
            gpu_uuid,
            sampled_at,
            max(energy_joules_total) as energy_joules_total,
            max(power_watts) as power_watts,
            max(gpu_utilization_ratio) as gpu_utilization_ratio,
            max(sm_active_ratio) as sm_active_ratio,
            max(tensor_active_ratio) as tensor_active_ratio,
            max(dram_active_ratio) as dram_active_ratio,
            max(memory_used_bytes) as memory_used_bytes,
            max(
                coalesce(
                    memory_total_bytes,
                    memory_used_bytes + memory_free_bytes + coalesce(memory_reserved_bytes, 0)
                )
            ) as memory_total_bytes
        from whole_gpus
        group by usage_date, exporter_name, gpu_uuid, sampled_at
    )

select *
from deduplicated
