with
    charges as (
        select usage_date, charge_kind, coalesce(sum(effective_cost_usd), 0) as charged_usd
        from {{ ref("fct_charges_hourly") }}
        group by usage_date, charge_kind
    ),

    showback as (
        select
            usage_date,
            charge_kind,
            sum(direct_cost_usd) as direct_usd,
            sum(showback_cost_usd) as shown_usd
        from {{ ref("fct_showback_daily") }}
        group by usage_date, charge_kind
    )

select usage_date, charge_kind, charges.charged_usd, showback.direct_usd, showback.shown_usd
from charges
full join showback using (usage_date, charge_kind)
where
    charges.charged_usd is distinct from showback.shown_usd
    or charges.charged_usd is distinct from showback.direct_usd
