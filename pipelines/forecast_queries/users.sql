-- Users by day, of the organization, each team, provider and model; '' where not of one.
with
    seen as (
        select distinct usage_date, team_id, provider_name, model_name, user_id
        from fct_usage_events
        where
            user_id is not null
            and usage_date > (select max(usage_date) from fct_usage_events) - $days
    )
select
    usage_date,
    coalesce(team_id, '') as team_id,
    coalesce(provider_name, '') as provider_name,
    coalesce(model_name, '') as model_name,
    count(distinct user_id)::double as active_user_count
from seen
group by
    grouping sets (
        (usage_date),
        (usage_date, team_id),
        (usage_date, provider_name),
        (usage_date, model_name)
    )
having grouping(model_name) = 1 or model_name <> ''
