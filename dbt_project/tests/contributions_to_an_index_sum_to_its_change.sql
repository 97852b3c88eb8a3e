-- Models' and teams' parts of a price index; causes' and teams' parts of quota inflation.
with
    parts as (
        select
            'fct_price_index' as mart,
            scope_kind,
            team_id,
            period_kind,
            period_start_date,
            formula as series,
            vintage,
            contributor_kind,
            change_ratio,
            contribution_ratio
        from {{ ref("fct_price_index") }}
        union all
        select
            'fct_quota_inflation_index' as mart,
            scope_kind,
            team_id,
            period_kind,
            period_start_date,
            measure as series,
            vintage,
            contributor_kind,
            change_ratio,
            contribution_ratio
        from {{ ref("fct_quota_inflation_index") }}
    ),

    totals as (select * from parts where contributor_kind = 'total'),

    summed as (
        select
            mart,
            scope_kind,
            team_id,
            period_kind,
            period_start_date,
            series,
            vintage,
            contributor_kind,
            sum(contribution_ratio) as contribution_ratio
        from parts
        where contributor_kind != 'total'
        group by
            mart,
            scope_kind,
            team_id,
            period_kind,
            period_start_date,
            series,
            vintage,
            contributor_kind
    )

select summed.*, totals.change_ratio
from summed
inner join totals using (mart, scope_kind, team_id, period_kind, period_start_date, series, vintage)
where abs(summed.contribution_ratio - totals.change_ratio) > 1e-8
