-- One field of a table whose rows sum to the GPUs' amounts and whose columns to the users': the
-- second difference of floor(amount up to this GPU x weight up to this user / total weight).
{% macro focus_cell(amount_until, amount, weight_until, weight, total_weight) -%}
    (
        {{ whole_quotient("(" ~ amount_until ~ ") * " ~ weight_until, total_weight) }}
        - {{
            whole_quotient(
                "(" ~ amount_until ~ " - " ~ amount ~ ") * " ~ weight_until, total_weight
            )
        }}
        - {{
            whole_quotient(
                "(" ~ amount_until ~ ") * (" ~ weight_until ~ " - " ~ weight ~ ")", total_weight
            )
        }}
        + {{
            whole_quotient(
                "("
                ~ amount_until
                ~ " - "
                ~ amount
                ~ ") * ("
                ~ weight_until
                ~ " - "
                ~ weight
                ~ ")",
                total_weight,
            )
        }}
    )
{%- endmacro %}

-- A JSON object of the values that are there, or NULL where none is; nothing but text.
{% macro focus_object(values) -%}
    nullif(
        '{' || concat_ws(
            ',',
            {% for name, value in values.items() -%}
                '"{{ name }}":' || cast(to_json({{ value }}) as varchar){{ "," if not loop.last }}
            {% endfor %}
        )
        || '}',
        '{}'
    )
{%- endmacro %}

-- What a commitment applies to: charges whose column has this value.
{% macro focus_scope(column, value) -%}
    '{"InclusionOperator":"And","Inclusions":[{"Dimension":"{{ column }}","Operator":"In","Values":['
    || cast(to_json({{ value }}) as varchar)
    || ']}]}'
{%- endmacro %}

-- The kinds of charges that fct_charges_hourly has too.
{% macro focus_hourly_kinds() -%}
    {{
        return(
            [
                "cloud_tokens",
                "cloud_idle",
                "own_gpu_allocated",
                "own_gpu_idle",
                "own_gpu_overhead",
            ]
        )
    }}
{%- endmacro %}
