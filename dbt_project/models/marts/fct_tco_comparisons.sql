-- One row per comparison, own option, other option and horizon: each year of the own option's life,
-- and its end. Both do the own option's work. Totals are what was paid by then, the residual value
-- comes back at the end of the life. Ratios and break-evens are presentation.
with
    options as (select * from {{ ref("int_tco_option_costs") }}),

    horizons as (
        select
            comparison_id,
            option_id,
            unnest(
                list_distinct(list_append(range(12, life_months, 12), life_months))
            ) as horizon_months
        from options
        where option_kind = 'own'
    ),

    paired as (
        select
            own.comparison_id,
            own.option_id as own_option_id,
            other.option_id as other_option_id,
            other.option_kind as other_option_kind,
            horizons.horizon_months,
            own.life_months,
            own.life_hours,
            own.capital_cost_usd,
            own.cost_usd_per_use_hour as own_cost_usd_per_use_hour,
            own.cost_usd_per_million_tokens as own_cost_usd_per_million_tokens,
            other.cost_usd_per_million_tokens as other_cost_usd_per_million_tokens,
            own.power_usd_per_use_hour,
            cast(own.use_hours_per_month as double) as use_hours_per_month,
            own.life_cost_usd - own.power_cost_usd as fixed_cost_usd,
            {{ tco_maintenance_usd("own", "horizons.horizon_months") }} as maintenance_cost_usd,
            {{ tco_colocation_usd("own", "horizons.horizon_months") }} as colocation_cost_usd,
            {{ tco_power_usd("own", "horizons.horizon_months") }} as power_cost_usd,
            {{ tco_stated_opex_usd("own", "horizons.horizon_months") }} as stated_opex_cost_usd,
            case
                when horizons.horizon_months = own.life_months then own.residual_usd else 0
            end as residual_usd,
            {{ tco_tokens("own", "horizons.horizon_months") }} as tokens,
            {{ tco_other_usd("own", "other", "horizons.horizon_months") }} as other_cost_usd
        from options as own
        inner join options as other on own.comparison_id = other.comparison_id
        inner join
            horizons
            on own.comparison_id = horizons.comparison_id
            and own.option_id = horizons.option_id
        where own.option_kind = 'own' and other.option_kind != 'own'
    ),

    summed as (
        select
            *,
            maintenance_cost_usd
            + colocation_cost_usd
            + power_cost_usd
            + stated_opex_cost_usd as running_cost_usd
        from paired
    ),

    compared as (
        select
            *,
            capital_cost_usd + running_cost_usd - residual_usd as own_cost_usd,
            cast(other_cost_usd as double)
            / (use_hours_per_month * horizon_months) as other_cost_usd_per_use_hour,
            -- what a month of owning spares, beside the price: NULL where it spares nothing
            nullif(
                greatest(cast(other_cost_usd - running_cost_usd as double) / horizon_months, 0), 0
            ) as spared_usd_per_month
        from summed
    )

select
    comparison_id,
    own_option_id,
    other_option_id,
    other_option_kind,
    horizon_months,
    horizon_months = life_months as is_whole_life,
    cast(capital_cost_usd as decimal(38, 12)) as own_capital_cost_usd,
    maintenance_cost_usd as own_maintenance_cost_usd,
    power_cost_usd as own_power_cost_usd,
    colocation_cost_usd as own_colocation_cost_usd,
    stated_opex_cost_usd as own_stated_opex_cost_usd,
    cast(own_cost_usd as decimal(38, 12)) as own_cost_usd,
    other_cost_usd,
    cast(other_cost_usd - own_cost_usd as decimal(38, 12)) as savings_usd,
    cast(other_cost_usd - own_cost_usd as double) / nullif(other_cost_usd, 0) as savings_ratio,
    cast(other_cost_usd as double) / nullif(own_cost_usd, 0) as cost_ratio,
    cast(capital_cost_usd as double) / spared_usd_per_month as break_even_months,
    cast(capital_cost_usd as double)
    / spared_usd_per_month
    * use_hours_per_month as break_even_hours,
    -- the use at which the whole life costs as much as the same hours of the other
    cast(fixed_cost_usd as double) / nullif(
        greatest(other_cost_usd_per_use_hour - power_usd_per_use_hour, 0) * life_hours / 24, 0
    ) as break_even_hours_per_day,
    own_cost_usd_per_use_hour,
    other_cost_usd_per_use_hour,
    tokens,
    own_cost_usd_per_million_tokens,
    coalesce(
        {{ usd_per_million("other_cost_usd", "tokens") }}, other_cost_usd_per_million_tokens
    ) as other_cost_usd_per_million_tokens
from compared
