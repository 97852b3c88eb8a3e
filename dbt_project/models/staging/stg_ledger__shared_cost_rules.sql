-- One row per rule about a shared cost, and team where the rule names teams.
with source as (select * from {{ source("ledger", "shared_cost_rules") }})

select rule_id, charge_kind, method, team_id, share_ratio, valid_from, valid_to
from source
