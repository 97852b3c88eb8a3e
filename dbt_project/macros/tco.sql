-- Costs of options over `months` months. Each is multiplied out and divided once, at the end, so
-- that nothing is lost to a rounded rate. Maintenance as a part of the price, power with cooling
-- per kilowatt-hour and colocation per month are those of Lenovo Press LP2368 (2026), power by
-- hours of use and prices by the token those of Pan et al., arXiv:2509.18101v3.
{% macro tco_capital_usd(option) -%}
    ({{ option }}.purchase_price_usd * {{ option }}.unit_count)
{%- endmacro %}

{% macro tco_maintenance_usd(option, months) -%}
    {%- set yearly = tco_capital_usd(option) ~ " * " ~ option ~ ".maintenance_ratio_per_year" -%}
    {{ usd(whole_quotient(picousd(yearly) ~ " * " ~ months, 12)) }}
{%- endmacro %}

{% macro tco_colocation_usd(option, months) -%}
    {%- set scaled -%}
        {{ picousd(option ~ ".colocation_usd_per_month") }} * {{ option }}.hours_per_month * {{ months }}
    {%- endset -%}
    {{ usd(whole_quotient(scaled, option ~ ".colocation_hours_per_month")) }}
{%- endmacro %}

-- Only while it is used.
{% macro tco_power_usd(option, months) -%}
    cast(
        {{ option }}.power_kilowatts
        * {{ option }}.power_price_usd_per_kwh
        * {{ option }}.use_hours_per_month
        * ({{ option }}.unit_count * {{ months }}) as decimal(38, 12)
    )
{%- endmacro %}

{% macro tco_stated_opex_usd(option, months) -%}
    cast(
        {{ option }}.hourly_opex_usd
        * ({{ option }}.hours_per_month * {{ months }}) as decimal(38, 12)
    )
{%- endmacro %}

{% macro tco_tokens(option, months) -%}
    cast(
        {{ option }}.tokens_per_second
        * 3600
        * {{ option }}.use_hours_per_month
        * {{ months }} as decimal(38, 3)
    )
{%- endmacro %}

-- What another option costs for the work that `own` does: the same tokens where both say how many a
-- second, else the same hours; an API is always paid by the token.
{% macro tco_other_usd(own, other, months) -%}
    {%- set hours_usd -%}
        {{ other }}.hourly_price_usd * {{ own }}.use_hours_per_month * ({{ other }}.unit_count * {{ months }})
    {%- endset -%}
    {%- set is_same_tokens -%}
        {{ own }}.tokens_per_second is not null and {{ other }}.tokens_per_second is not null
    {%- endset -%}
    case
        when {{ other }}.option_kind = 'api'
        then
            cast(
                {{ tco_tokens(own, months) }}
                * {{ other }}.blended_unit_price_usd as decimal(38, 12)
            )
        when {{ is_same_tokens }}
        then
            {{
                usd(
                    whole_quotient(
                        picousd(hours_usd)
                        ~ " * cast("
                        ~ own
                        ~ ".tokens_per_second * 1000 as hugeint)",
                        other ~ ".tokens_per_second * 1000",
                    )
                )
            }}
        else cast({{ hours_usd }} as decimal(38, 12))
    end
{%- endmacro %}
