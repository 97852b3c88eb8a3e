-- One row per account and period with a source that counts whatever the usual precedence says.
with source as (select * from {{ source("ledger", "volume_sources") }})

select account_id, source, valid_from, valid_to
from source
