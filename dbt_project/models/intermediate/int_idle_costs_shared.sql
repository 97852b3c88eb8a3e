-- One row per day, self-hosted model and team: the idle and overhead cost that the allocation
-- basis adds to what the team used. A model's idle GPUs are carried by who used the model on that
-- day; all else by everyone who used own GPUs, in proportion to what they used.
with
    charges as (
        select
            usage_date,
            charge_kind,
            model_name,
            team_id,
            {{ picousd("sum(effective_cost_usd)") }} as cost_picousd
        from {{ ref("fct_charges_hourly") }}
        where pricing_status = 'own_gpu'
        group by usage_date, charge_kind, model_name, team_id
    ),

    direct as (
        select usage_date, model_name, team_id, cost_picousd
        from charges
        where charge_kind = 'own_gpu_allocated' and cost_picousd > 0
    ),

    idle as (
        select
            charges.usage_date,
            charges.model_name,
            used.model_name is not null as is_model_used,
            sum(charges.cost_picousd) as idle_picousd
        from charges
        left join
            (select distinct usage_date, model_name from direct) as used
            on charges.usage_date = used.usage_date
            and charges.model_name = used.model_name
        where charges.charge_kind = 'own_gpu_idle'
        group by charges.usage_date, charges.model_name, used.model_name is not null
    ),

    pooled as (
        select usage_date, idle_picousd, 0 as overhead_picousd
        from idle
        where not is_model_used
        union all
        select usage_date, 0 as idle_picousd, cost_picousd as overhead_picousd
        from charges
        where charge_kind = 'own_gpu_overhead'
    ),

    pools as (
        select
            usage_date, sum(idle_picousd) as idle_picousd, sum(overhead_picousd) as overhead_picousd
        from pooled
        group by usage_date
    ),

    joined as (
        select
            direct.*,
            coalesce(idle.idle_picousd, 0) as own_idle_picousd,
            coalesce(pools.idle_picousd, 0) as other_idle_picousd,
            coalesce(pools.overhead_picousd, 0) as overhead_picousd
        from direct
        left join
            idle on direct.usage_date = idle.usage_date and direct.model_name = idle.model_name
        left join pools on direct.usage_date = pools.usage_date
    ),

    shared as (
        select
            usage_date,
            model_name,
            team_id,
            {{
                split_exactly(
                    "own_idle_picousd", "cost_picousd", "usage_date, model_name", "team_id"
                )
            }}
            + {{
                split_exactly(
                    "other_idle_picousd", "cost_picousd", "usage_date", "model_name, team_id"
                )
            }} as idle_picousd,
            {{
                split_exactly(
                    "overhead_picousd", "cost_picousd", "usage_date", "model_name, team_id"
                )
            }} as overhead_picousd
        from joined
    )

select
    usage_date,
    model_name,
    team_id,
    {{ usd("idle_picousd") }} as shared_idle_cost_usd,
    {{ usd("overhead_picousd") }} as shared_overhead_cost_usd
from shared
