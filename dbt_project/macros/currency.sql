-- An amount in US dollars at the rate of its day; NULL where the ledger fx_rates has none.
{% macro in_usd(amount, currency, day) -%}
    case
        when {{ currency }} = 'USD'
        then {{ amount }}
        else
            cast(
                {{ amount }} * (
                    select max(rates.usd_per_unit)
                    from {{ ref("stg_ledger__fx_rates") }} as rates
                    where rates.currency_code = {{ currency }} and {{ is_valid_at(day, "rates") }}
                ) as decimal(38, 12)
            )
    end
{%- endmacro %}
