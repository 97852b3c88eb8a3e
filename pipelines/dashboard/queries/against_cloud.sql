-- One row for each month, own model and cloud model it is compared with, newest first.
select
    month_start_date as month,
    model_name as model,
    equivalent_model_name as equivalent,
    own_cost_usd_per_million_tokens as own_rate,
    equivalent_cost_usd_per_million_tokens as cloud_rate,
    savings_usd,
    load_ratio as load,
    break_even_load_ratio as break_even
from fct_tco_measured_monthly
where
    month_start_date between date_trunc('month', $chart_first::date) and $last
    and ($model is null or model_name = $model)
order by month desc, savings_usd, model, equivalent
