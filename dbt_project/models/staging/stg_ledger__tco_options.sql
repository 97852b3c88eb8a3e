-- One row per option of a comparison; an empty cell has its meaning here. Decimals are as wide as
-- can be: of two that fit 18 digits DuckDB lets the product have no more than 18 either.
with
    source as (select * from {{ source("ledger", "tco_options") }}),

    widened as (
        select
            comparison_id,
            option_id,
            option_kind,
            cast(coalesce(unit_count, 1) as bigint) as unit_count,
            cast(life_months as bigint) as life_months,
            cast(coalesce(hours_per_month, 730) as bigint) as hours_per_month,
            cast(colocation_hours_per_month as bigint) as colocation_hours_per_month,
            {% for column, places in {
                "purchase_price_usd": 2,
                "residual_value_usd": 2,
                "maintenance_ratio_per_year": 6,
                "power_kilowatts": 6,
                "electricity_price_usd_per_kwh": 6,
                "cooling_price_usd_per_kwh": 6,
                "colocation_usd_per_month": 6,
                "hourly_opex_usd": 6,
                "hourly_price_usd": 6,
                "input_unit_price_usd": 12,
                "output_unit_price_usd": 12,
                "output_share_ratio": 12,
                "tokens_per_second": 3,
                "use_hours_per_month": 6,
                "use_hours_per_day": 6,
            }.items() -%}
                cast(
                    {{ column }} as decimal(38, {{ places }})
                ) as {{ column }}{{ "," if not loop.last }}
            {% endfor %}
        from source
    ),

    filled as (
        select
            comparison_id,
            option_id,
            option_kind,
            unit_count,
            purchase_price_usd,
            coalesce(residual_value_usd, 0) as residual_value_usd,
            life_months,
            coalesce(maintenance_ratio_per_year, 0) as maintenance_ratio_per_year,
            coalesce(power_kilowatts, 0) as power_kilowatts,
            coalesce(electricity_price_usd_per_kwh, 0)
            + coalesce(cooling_price_usd_per_kwh, 0) as power_price_usd_per_kwh,
            coalesce(colocation_usd_per_month, 0) as colocation_usd_per_month,
            coalesce(colocation_hours_per_month, hours_per_month) as colocation_hours_per_month,
            coalesce(hourly_opex_usd, 0) as hourly_opex_usd,
            hourly_price_usd,
            input_unit_price_usd,
            output_unit_price_usd,
            output_share_ratio,
            tokens_per_second,
            hours_per_month,
            -- a month of 730 hours has 730 / 24 days
            cast(
                coalesce(
                    use_hours_per_month, use_hours_per_day * hours_per_month / 24, hours_per_month
                ) as decimal(38, 6)
            ) as use_hours_per_month
        from widened
    )

select *
from filled
