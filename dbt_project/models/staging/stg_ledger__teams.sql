-- One row per team.
with source as (select * from {{ source("ledger", "teams") }})

select team_id, team_name, cost_center
from source
