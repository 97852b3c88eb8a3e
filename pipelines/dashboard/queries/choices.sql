-- One row for each value that a filter may have.
select 'team' as kind, team_id as value, coalesce(team_name, team_id) as label
from dim_teams
union
select 'model', model_name, model_name
from dim_models
where model_name != ''
union
select 'provider', provider_name, provider_name
from dim_models
where provider_name != ''
union
select 'host', host_name, host_name
from dim_gpus
where host_name is not null
order by kind, label, value
