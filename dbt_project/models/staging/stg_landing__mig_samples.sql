-- One row per exporter, MIG instance or partition of a GPU, and moment; a reading delivered twice
-- is
-- one reading. Ratios are of the slice, not of the GPU; a profile that nobody tells is ''.
with
    source as (select * from {{ source("landing", "gpu_samples") }}),

    slices as (select * from source where mig_instance_id is not null),

    deduplicated as (
        select
            date as usage_date,
            source || '/' || source_instance as exporter_name,
            gpu_uuid,
            mig_instance_id,
            sampled_at,
            coalesce(max(mig_profile), '') as mig_profile,
            max(host_name) as host_name,
            max(gpu_model) as gpu_model,
            max(gpu_utilization_ratio) as gpu_utilization_ratio,
            max(graphics_engine_active_ratio) as graphics_engine_active_ratio,
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
        from slices
        group by usage_date, exporter_name, gpu_uuid, mig_instance_id, sampled_at
    )

select *
from deduplicated
