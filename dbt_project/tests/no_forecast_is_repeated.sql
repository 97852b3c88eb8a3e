-- Forecasts are built after the marts that no_grain_is_repeated looks at.
{%- set grains = {
    "fct_forecasts_daily": "series_kind, team_id, provider_name, model_name, measure, forecast_date",
    "fct_forecast_backtests": "series_kind, team_id, provider_name, model_name, measure, method_name",
    "fct_forecast_vintages": "forecast_origin_date, series_kind, team_id, provider_name, model_name, measure, forecast_date",
    "fct_quota_exhaustion": "quota_id, period_start_date",
    "fct_quota_exhaustion_daily": "quota_id, period_start_date, forecast_date",
} %}
{% for mart, grain in grains.items() -%}
    select '{{ mart }}' as mart, concat_ws(' | ', {{ grain }}) as row_name, count(*) as times
    from {{ ref(mart) }}
    group by {{ grain }}
    having count(*) > 1 {{ "union all" if not loop.last }}
{% endfor %}
