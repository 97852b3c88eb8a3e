-- One row for each week (Monday first) and team; teams after the eighth by cost are summed.
-- Cost of own GPUs that no team caused stands apart.
with
    teams as (
        select
            team_id,
            team_name
            || if(count(*) over (partition by team_name) > 1, ' (' || team_id || ')', '') as label
        from dim_teams
    ),
    charges as (
        select
            usage_date,
            effective_cost_usd,
            case
                when team_id != 'unattributed'
                then coalesce(label, team_id)
                when charge_kind = 'own_gpu_idle'
                then 'idle GPUs'
                when charge_kind = 'own_gpu_overhead'
                then 'GPU overhead'
                when charge_kind = 'cloud_idle'
                then 'idle reservations'
                else 'no team known'
            end as series,
            team_id = 'unattributed' as is_unowned
        from fct_charges_hourly
        left join teams using (team_id)
        cross join meterhouse_snapshot
        where usage_date > data_through - 366 and usage_date <= data_through
    ),
    ranked as (
        select
            series,
            is_unowned,
            row_number() over (
                partition by is_unowned order by sum(effective_cost_usd) desc nulls last, series
            ) as place
        from charges
        group by series, is_unowned
    ),
    days as (
        select date_trunc('week', usage_date)::date as week, count(distinct usage_date) as days
        from charges
        group by all
    )
select
    week,
    week + 7 as week_end,
    days.days,
    if(place > 8, 'other teams', series) as series,
    if(is_unowned, 10 + place, least(place, 9)) as place,
    sum(effective_cost_usd) as cost_usd
from charges
join ranked using (series, is_unowned)
join days on week = date_trunc('week', usage_date)::date
group by all
having cost_usd is not null
order by week, place
