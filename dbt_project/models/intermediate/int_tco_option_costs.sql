-- One row per option of a comparison: its running costs by part, and what an hour, a month and a
-- million tokens of it cost at the stated use. Money over the life is exact; rates are
-- presentation.
with
    options as (
        select
            *,
            input_unit_price_usd * (1 - output_share_ratio)
            + output_unit_price_usd * output_share_ratio as blended_unit_price_usd
        from {{ ref("stg_ledger__tco_options") }}
    ),

    costed as (
        select
            options.* replace (
                cast(blended_unit_price_usd as decimal(38, 18)) as blended_unit_price_usd
            ),
            {{ tco_capital_usd("options") }} as capital_cost_usd,
            residual_value_usd * unit_count as residual_usd,
            {{ tco_maintenance_usd("options", "life_months") }} as maintenance_cost_usd,
            {{ tco_colocation_usd("options", "life_months") }} as colocation_cost_usd,
            {{ tco_power_usd("options", "life_months") }} as power_cost_usd,
            {{ tco_stated_opex_usd("options", "life_months") }} as stated_opex_cost_usd,
            {{ tco_tokens("options", "life_months") }} as life_tokens,
            hours_per_month * life_months as life_hours,
            cast(use_hours_per_month as double) * life_months as life_use_hours
        from options
    ),

    summed as (
        select
            *,
            capital_cost_usd
            - residual_usd
            + maintenance_cost_usd
            + colocation_cost_usd
            + power_cost_usd
            + stated_opex_cost_usd as life_cost_usd
        from costed
    )

select
    *,
    cast(maintenance_cost_usd as double) / life_hours as maintenance_usd_per_hour,
    cast(colocation_cost_usd as double) / life_hours as colocation_usd_per_hour,
    cast(power_cost_usd as double) / life_use_hours as power_usd_per_use_hour,
    cast(stated_opex_cost_usd as double) / life_hours as stated_opex_usd_per_hour,
    cast(life_cost_usd - capital_cost_usd + residual_usd as double)
    / life_hours as opex_usd_per_hour,
    cast(life_cost_usd as double) / life_months as cost_usd_per_month,
    coalesce(
        cast(life_cost_usd as double) / life_use_hours,
        cast(hourly_price_usd * unit_count as double)
    ) as cost_usd_per_use_hour,
    case
        option_kind
        when 'own'
        then {{ usd_per_million("life_cost_usd", "life_tokens") }}
        when 'cloud_instance'
        then {{ usd_per_million("hourly_price_usd * unit_count", "tokens_per_second * 3600") }}
        when 'api'
        then cast(blended_unit_price_usd as double) * 1000000
    end as cost_usd_per_million_tokens
from summed
