{%- set grains = {
    "fct_usage_hourly": "hour_start_at, provider_name, model_name, team_id",
    "fct_gpu_hours": "hour_start_at, gpu_uuid",
    "fct_gpu_allocations_hourly": "hour_start_at, gpu_uuid, holder_kind, holder_id",
    "fct_gpu_efficiency_hourly": "hour_start_at, host_name, holder_kind, holder_id",
    "fct_mig_utilization_hourly": "hour_start_at, gpu_uuid, mig_instance_id, mig_profile",
    "fct_gpu_job_costs": "holder_kind, holder_id",
    "fct_gpu_amortization_schedule": "gpu_uuid, month_start_date",
    "fct_charges_hourly": "hour_start_at, charge_kind, provider_name, model_name, team_id, pricing_status, idle_cause",
    "fct_token_costs_daily": "usage_date, provider_name, model_name, team_id",
    "fct_token_class_costs_daily": "usage_date, provider_name, model_name, team_id, token_class",
    "fct_quota_consumption_daily": "quota_id, usage_date",
    "fct_quota_consumers_daily": "quota_id, usage_date, consumer_kind, consumer_id",
    "fct_inference_shares_hourly": "hour_start_at, model_name, team_id",
    "fct_request_costs": "event_id",
    "fct_showback_daily": "usage_date, charge_kind, team_id",
    "fct_journal_daily": "usage_date, entry_kind, account, cost_center",
    "fct_bill_reconciliation_monthly": "month_start_date, account_id, source",
    "fct_unpriced_usage": "usage_date, provider_name, model_name, reason",
    "fct_reconciliation_daily": "usage_date, account_id, reconciling_source, reconciling_role, left_out_grouping",
    "fct_repeated_spans": "event_id",
    "fct_unknown_token_fields": "usage_date, account_id, source",
    "fct_provider_costs_daily": "usage_date, account_id, provider_name, project_id, workspace_id, line_item, cost_kind, model_name, token_class, cost_currency, source",
    "fct_bill_lines": "bill_line_id",
    "fct_gpu_jobs": "source, source_instance, cluster_name, job_id, started_at",
    "dim_prices": "price_id, believed_from",
    "dim_sku_prices": "price_id, sku_price_id",
    "fct_cost_differences_daily": "usage_date, provider_name, model_name, team_id, reported_cost_kind, reason",
} %}
{% for mart, grain in grains.items() -%}
    select '{{ mart }}' as mart, concat_ws(' | ', {{ grain }}) as row_name, count(*) as times
    from {{ ref(mart) }}
    group by {{ grain }}
    having count(*) > 1 {{ "union all" if not loop.last }}
{% endfor %}
