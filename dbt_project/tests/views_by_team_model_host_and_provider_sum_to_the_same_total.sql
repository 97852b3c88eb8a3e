-- The same money, asked for by who used it, by what it paid for and by where it stands.
with
    at_hosts as (
        select usage_date, asset_cost_usd as cost_usd
        from {{ ref("fct_gpu_hours") }}
        union all
        select usage_date, effective_cost_usd as cost_usd
        from {{ ref("fct_charges_hourly") }}
        where pricing_status != 'own_gpu'
    ),

    views as (
        {% for view_name, relation, cost in [
            ("team", "fct_showback_daily", "showback_cost_usd"),
            ("model", "fct_token_costs_daily", "effective_cost_usd"),
            ("provider", "fct_charges_hourly", "effective_cost_usd"),
        ] %}
            select '{{ view_name }}' as view_name, usage_date, sum({{ cost }}) as total_usd
            from {{ ref(relation) }}
            group by usage_date
            union all
        {% endfor %}
        select 'host' as view_name, usage_date, sum(cost_usd) as total_usd
        from at_hosts
        group by usage_date
    )

select usage_date, min(total_usd) as lowest_usd, max(total_usd) as highest_usd
from views
group by usage_date
having min(coalesce(total_usd, 0)) != max(coalesce(total_usd, 0))
