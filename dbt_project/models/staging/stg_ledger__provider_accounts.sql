-- One row per rule that makes rows of logs an account; of those that fit the highest preference
-- loses: the most specific comes first, then the order of the file.
with source as (select * from {{ source("ledger", "provider_accounts") }})

select
    account_id,
    provider_name,
    source,
    source_instance,
    project_id,
    row_number() over (
        order by
            if(project_id is null, 1, 0)
            + if(source_instance is null, 1, 0)
            + if(source is null, 1, 0),
            row_number
    ) as preference
from source
