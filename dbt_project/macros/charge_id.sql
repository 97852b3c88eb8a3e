-- The name of a charge: the same row of fct_charges_hourly has the same one in every build.
{% macro charge_id(row) -%}
    left(
        md5(
            concat_ws(
                '|',
                {{ row }}.hour_start_at,
                {{ row }}.charge_kind,
                {{ row }}.provider_name,
                {{ row }}.model_name,
                {{ row }}.team_id,
                {{ row }}.pricing_status,
                {{ row }}.idle_cause
            )
        ),
        16
    )
{%- endmacro %}
