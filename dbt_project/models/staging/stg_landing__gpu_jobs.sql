-- One row per job and start: of what a scheduler told at different times the last holds.
with
    source as (select * from {{ source("landing", "gpu_jobs") }}),

    last_told as (
        select *
        from source
        qualify
            row_number() over (
                partition by source, source_instance, cluster_name, job_id, started_at
                order by delivered_at desc nulls last, file_sha256 asc, line_number desc
            )
            = 1
    )

select *
from last_told
