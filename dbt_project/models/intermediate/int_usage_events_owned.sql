-- One row per event, with the team that pays: the key's owner at that time, else the logged team.
with
    events as (select * from {{ ref("int_usage_events_counted") }}),

    api_keys as (select * from {{ ref("stg_ledger__api_keys") }}),

    owned as (
        select
            events.* exclude (logged_team_id),
            coalesce(api_keys.team_id, nullif(events.logged_team_id, ''), 'unattributed') as team_id
        from events
        left join
            api_keys
            on events.api_key_id = api_keys.api_key_id
            and events.started_at >= api_keys.valid_from
            and events.started_at < api_keys.valid_to
    )

select *
from owned
