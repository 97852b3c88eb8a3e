-- One row per team of the ledger or seen in the logs, and 'unattributed' for usage nobody owns.
with
    ledger as (select * from {{ ref("stg_ledger__teams") }}),

    mentioned as (
        select distinct team_id
        from {{ ref("fct_usage_hourly") }}
        union
        select team_id
        from {{ ref("stg_ledger__deployments") }}
        where team_id is not null
        union
        select 'unattributed' as team_id
    ),

    named as (
        select
            coalesce(ledger.team_id, mentioned.team_id) as team_id,
            coalesce(ledger.team_name, mentioned.team_id) as team_name,
            ledger.cost_center
        from ledger
        full join mentioned on ledger.team_id = mentioned.team_id
    )

select {{ star_key("team_id") }} as team_key, *
from named
