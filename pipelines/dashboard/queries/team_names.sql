-- One row for each team; teams of one name are told apart by their id.
select
    team_id,
    team_name || if(count(*) over (partition by team_name) > 1, ' (' || team_id || ')', '') as label
from dim_teams
