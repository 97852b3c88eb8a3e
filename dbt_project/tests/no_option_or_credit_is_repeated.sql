{%- set grains = {
    "fct_tco_comparisons": "comparison_id, own_option_id, other_option_id, horizon_months",
    "fct_tco_measured_monthly": "month_start_date, model_name, equivalent_provider_name, equivalent_model_name",
    "fct_serving_configurations": "basis, model_name, run_id, is_mixed, gpu_model, quantization, tensor_parallel_size, pipeline_parallel_size",
    "fct_credit_balance_daily": "credit_id, usage_date",
} %}
{% for mart, grain in grains.items() -%}
    select '{{ mart }}' as mart, concat_ws(' | ', {{ grain }}) as row_name, count(*) as times
    from {{ ref(mart) }}
    group by {{ grain }}
    having count(*) > 1 {{ "union all" if not loop.last }}
{% endfor %}
