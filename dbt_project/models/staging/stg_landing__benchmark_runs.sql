-- One row per benchmark run; a result delivered twice is one result.
with
    source as (select * from {{ source("landing", "benchmark_runs") }}),

    last_told as (
        select *
        from source
        qualify
            row_number() over (
                partition by run_id
                order by delivered_at desc nulls last, file_sha256 asc, line_number desc
            )
            = 1
    )

select *
from last_told
