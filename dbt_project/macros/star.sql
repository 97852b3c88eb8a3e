-- Keys of the star: whole numbers below 2^53, which every tool keeps exact, and the same in every
-- build. What has no name has no key.
{% macro star_key(name) -%}
    cast(md5_number_lower(nullif({{ name }}, '')) % 9007199254740992 as bigint)
{%- endmacro %}

{% macro model_key(provider_name="provider_name", model_name="model_name") -%}
    {{ star_key(provider_name ~ " || '/' || nullif(" ~ model_name ~ ", '')") }}
{%- endmacro %}
