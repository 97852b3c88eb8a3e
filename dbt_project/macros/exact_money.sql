-- Money that must be divided is divided as whole pico-dollars (10^-12 USD, HUGEINT), so that the
-- parts always sum to the whole; DECIMAL / n would be a DOUBLE.
{% macro picousd(amount_usd) -%} cast(({{ amount_usd }}) * 1000000000000 as hugeint) {%- endmacro %}

{% macro usd(amount_picousd) -%}
    cast(({{ amount_picousd }}) * cast(0.000000000001 as decimal(12, 12)) as decimal(38, 12))
{%- endmacro %}

-- Whole quotient, the rest dropped. DuckDB's operator for it is two slashes, which formatters take
-- for a comment.
{% macro whole_quotient(dividend, divisor) -%}
    divide(cast({{ dividend }} as hugeint), cast({{ divisor }} as hugeint))
{%- endmacro %}

-- Part number `position` (from 0) of `parts` equal parts; parts 0 to n - 1 sum to the whole.
{% macro equal_part(whole, position, parts) -%}
    (
        {{ whole_quotient("(" ~ whole ~ ") * ((" ~ position ~ ") + 1)", parts) }}
        - {{ whole_quotient("(" ~ whole ~ ") * (" ~ position ~ ")", parts) }}
    )
{%- endmacro %}

-- The row's part of `whole` by integer weight: cumulative floors, so the parts of a partition sum
-- to the whole whatever the weights. `order_by` must be unique inside the partition.
{% macro split_exactly(whole, weight, partition_by, order_by) -%}
    {%- set total -%}
        nullif(sum({{ weight }}) over (partition by {{ partition_by }}), 0)
    {%- endset -%}
    {%- set up_to_this_row -%}
        ({{ whole }}) * sum({{ weight }}) over (
            partition by {{ partition_by }} order by {{ order_by }} rows unbounded preceding
        )
    {%- endset -%}
    (
        {{ whole_quotient(up_to_this_row, total) }}
        - {{ whole_quotient(up_to_this_row ~ " - (" ~ whole ~ ") * (" ~ weight ~ ")", total) }}
    )
{%- endmacro %}

-- Microjoules x PUE (4 places) x tariff per kWh (6 places), and 1 kWh = 3.6 x 10^12 microjoules:
-- 10^12 pico-dollars / (3.6 x 10^12 x 10^4 x 10^6) = 1 / 36,000,000,000.
{% macro energy_picousd(energy_joules, usage_effectiveness_ratio, price_usd_per_kwh) -%}
    {%- set scaled -%}
        cast(({{ energy_joules }}) * 1000000 as hugeint)
        * cast(({{ usage_effectiveness_ratio }}) * 10000 as hugeint)
        * cast(({{ price_usd_per_kwh }}) * 1000000 as hugeint)
    {%- endset -%}
    {{ whole_quotient(scaled, 36000000000) }}
{%- endmacro %}

-- Tokens x unit price: 0 where there are no tokens, NULL where there are some and no price.
{% macro priced(tokens, unit_price_usd) -%}
    case when coalesce({{ tokens }}, 0) = 0 then 0 else {{ tokens }} * {{ unit_price_usd }} end
{%- endmacro %}

-- Presentation only: a ratio, DOUBLE, NULL without tokens.
{% macro usd_per_million(cost_usd, tokens) -%}
    cast({{ cost_usd }} as double) * 1000000 / nullif({{ tokens }}, 0)
{%- endmacro %}

-- The sum of the known costs of charges, or NULL where every token counted is unpriced: the zeros
-- of failed requests beside them must not make an unknown cost look like none.
{% macro known_sum(cost_usd) -%}
    cast(
        if(
            coalesce(bool_and(pricing_status = 'unpriced') filter (total_tokens > 0), false),
            nullif(sum({{ cost_usd }}), 0),
            sum({{ cost_usd }})
        ) as decimal(38, 12)
    )
{%- endmacro %}
