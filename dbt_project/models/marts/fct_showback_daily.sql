-- One row per day, charge kind and team: what it used itself and what it carries of shared costs.
-- Shared is what belongs to no team. Its rule says who carries it: fixed before proportional
-- before even, if several hold; without a rule it stays unattributed. Sums equal the charges.
with
    charges as (
        select
            usage_date,
            charge_kind,
            team_id,
            {{ picousd("sum(effective_cost_usd)") }} as direct_picousd,
            sum(total_tokens) filter (pricing_status = 'unpriced') as unpriced_tokens
        from {{ ref("fct_charges_hourly") }}
        group by usage_date, charge_kind, team_id
    ),

    teams as (select * from {{ ref("dim_teams") }} where team_id != 'unattributed'),

    rules as (select * from {{ ref("stg_ledger__shared_cost_rules") }}),

    pools as (
        select usage_date, charge_kind, direct_picousd as shared_picousd
        from charges
        where team_id = 'unattributed' and direct_picousd > 0
    ),

    ruled as (
        select pools.*, rules.rule_id, rules.method, rules.team_id, rules.share_ratio
        from pools
        inner join
            rules
            on pools.charge_kind = rules.charge_kind
            and {{ is_valid_at("pools.usage_date", "rules") }}
        qualify
            rank() over (
                partition by pools.usage_date, pools.charge_kind
                order by case rules.method when 'fixed' then 1 when 'proportional' then 2 else 3 end
            )
            = 1
    ),

    spent as (
        select usage_date, team_id, sum(direct_picousd) as weight
        from charges
        where team_id != 'unattributed' and direct_picousd > 0
        group by usage_date, team_id
    ),

    weighed as (
        select ruled.* exclude (team_id, share_ratio), teams.team_id, 1 as weight
        from ruled
        cross join teams
        where ruled.method = 'even'
        union all by name
        select ruled.* exclude (team_id, share_ratio), spent.team_id, spent.weight
        from ruled
        inner join spent on ruled.usage_date = spent.usage_date
        where ruled.method = 'proportional'
        union all by name
        select * exclude (share_ratio), cast(share_ratio * 1000000 as bigint) as weight
        from ruled
        where method = 'fixed'
        union all by name
        -- what fixed parts leave
        select
            usage_date,
            charge_kind,
            shared_picousd,
            arg_min(rule_id, rule_id) as rule_id,
            method,
            'unattributed' as team_id,
            1000000 - cast(sum(share_ratio) * 1000000 as bigint) as weight
        from ruled
        where method = 'fixed'
        group by usage_date, charge_kind, shared_picousd, method
    ),

    carried as (
        select
            usage_date,
            charge_kind,
            team_id,
            rule_id,
            method,
            {{ split_exactly("shared_picousd", "weight", "usage_date, charge_kind", "team_id") }}
            as carried_picousd
        from weighed
    ),

    -- what is carried leaves the unattributed pool
    moved as (
        select *
        from carried
        union all
        select
            usage_date,
            charge_kind,
            'unattributed' as team_id,
            null as rule_id,
            null as method,
            - sum(carried_picousd) as carried_picousd
        from carried
        group by usage_date, charge_kind
    ),

    shared as (
        select
            usage_date,
            charge_kind,
            team_id,
            max(rule_id) as rule_id,
            max(method) as method,
            sum(carried_picousd) as shared_picousd
        from moved
        group by usage_date, charge_kind, team_id
    ),

    joined as (select * from charges full join shared using (usage_date, charge_kind, team_id))

select
    joined.usage_date,
    joined.charge_kind,
    joined.team_id,
    coalesce(dim_teams.cost_center, 'unattributed') as cost_center,
    joined.rule_id as shared_cost_rule_id,
    joined.method as shared_cost_method,
    {{ usd("coalesce(joined.direct_picousd, 0)") }} as direct_cost_usd,
    {{ usd("coalesce(joined.shared_picousd, 0)") }} as shared_cost_usd,
    {{ usd("coalesce(joined.direct_picousd, 0) + coalesce(joined.shared_picousd, 0)") }}
    as showback_cost_usd,
    cast(coalesce(joined.unpriced_tokens, 0) as bigint) as unpriced_tokens
from joined
left join {{ ref("dim_teams") }} as dim_teams on joined.team_id = dim_teams.team_id
