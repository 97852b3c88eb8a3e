-- Schemas are called what they hold; marts lie in the default one, so that people need no prefix.
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name | trim if custom_schema_name else target.schema }}
{%- endmacro %}
