{%- set scope = "scope_kind, team_id, period_kind" %}
{%- set grains = {
    "fct_price_index": scope
    ~ ", period_start_date, formula, contributor_kind, provider_name, model_name, contributor_team_id",
    "fct_quota_inflation_index": scope
    ~ ", period_start_date, measure, contributor_kind, driver, contributor_team_id",
    "fct_cost_drivers": scope
    ~ ", to_period_start_date, driver, provider_name, model_name, token_class",
} %}
{% for mart, grain in grains.items() -%}
    select '{{ mart }}' as mart, concat_ws(' | ', {{ grain }}) as row_name, count(*) as times
    from {{ ref(mart) }}
    where is_current
    group by {{ grain }}
    having count(*) > 1 {{ "union all" if not loop.last }}
{% endfor %}
