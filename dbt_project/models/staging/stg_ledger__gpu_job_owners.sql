-- One row per rule that gives a scheduler's jobs to a team; the lowest preference holds: the most
-- columns filled, then the first in the ledger.
with
    source as (select * from {{ source("ledger", "gpu_job_owners") }}),

    renamed as (
        select
            nullif(cluster_name, '') as cluster_name,
            nullif(account_name, '') as account_name,
            nullif(job_name_prefix, '') as job_name_prefix,
            team_id,
            workload,
            coalesce(model_name, '') as model_name,
            row_number
        from source
    )

select
    *,
    row_number() over (
        order by
            cast(cluster_name is null as integer)
            + cast(account_name is null as integer)
            + cast(job_name_prefix is null as integer),
            row_number
    ) as preference
from renamed
