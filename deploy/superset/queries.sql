-- What the dashboard asks of the database, a query for each chart, as Superset 6.1 wrote them.

SELECT
  driver AS driver,
  SUM(change_usd) AS change
FROM (
  SELECT
    *
  FROM fct_cost_drivers
  WHERE
    is_current
    AND to_period_end_date = (
      SELECT
        MAX(to_period_end_date)
      FROM fct_cost_drivers
    )
) AS virtual_table
WHERE
  scope_kind = 'organization' AND period_kind = 'days_28'
GROUP BY
  driver
ORDER BY
  change DESC
LIMIT 50;

SELECT
  DATE_TRUNC('MONTH', usage_date) AS usage_date,
  SUM(effective_cost_usd) AS spend_usd
FROM main.fct_charges_hourly
GROUP BY
  DATE_TRUNC('MONTH', usage_date)
LIMIT 50000;

SELECT
  DATE_TRUNC('WEEK', usage_date) AS usage_date,
  provider_name AS provider_name,
  SUM(effective_cost_usd) AS spend_usd
FROM main.fct_charges_hourly
GROUP BY
  DATE_TRUNC('WEEK', usage_date),
  provider_name
ORDER BY
  spend_usd DESC
LIMIT 10000;

SELECT
  DATE_TRUNC('WEEK', usage_date) AS usage_date,
  team_id AS team_id,
  SUM(effective_cost_usd) AS spend_usd
FROM main.fct_charges_hourly
GROUP BY
  DATE_TRUNC('WEEK', usage_date),
  team_id
ORDER BY
  spend_usd DESC
LIMIT 10000;

SELECT
  checked_at AS checked_at,
  severity AS severity,
  table_name AS table_name,
  usage_date AS usage_date,
  expectation_name AS expectation_name,
  failing_row_count AS failing_row_count,
  observed_value AS observed_value,
  failing_rows AS failing_rows
FROM main.fct_data_quality_results
WHERE
  is_success IS FALSE
ORDER BY
  checked_at DESC
LIMIT 100;

SELECT
  DATE_TRUNC('DAY', forecast_date) AS forecast_date,
  MAX(forecast_value) AS median,
  MAX(lower_80_value) AS "lower 80 %",
  MAX(upper_80_value) AS "upper 80 %"
FROM main.fct_forecasts_daily
WHERE
  series_kind = 'organization' AND measure = 'effective_cost_usd'
GROUP BY
  DATE_TRUNC('DAY', forecast_date)
ORDER BY
  median DESC
LIMIT 1000;

SELECT
  DATE_TRUNC('MONTH', usage_date) AS usage_date,
  SUM(direct_cost_usd) AS idle_cost_usd
FROM main.fct_gpu_allocations_hourly
WHERE
  (
    (
      allocation_status = 'idle'
    )
  )
GROUP BY
  DATE_TRUNC('MONTH', usage_date)
LIMIT 50000;

SELECT
  DATE_TRUNC('WEEK', usage_date) AS usage_date,
  idle_cause AS idle_cause,
  SUM(direct_cost_usd) AS idle_cost_usd
FROM main.fct_gpu_allocations_hourly
WHERE
  (
    (
      allocation_status = 'idle'
    )
  )
GROUP BY
  DATE_TRUNC('WEEK', usage_date),
  idle_cause
ORDER BY
  idle_cost_usd DESC
LIMIT 10000;

SELECT
  DATE_TRUNC('MONTH', period_start_date) AS period_start_date,
  formula AS formula,
  MAX(index_ratio) AS index
FROM main.fct_price_index
WHERE
  scope_kind = 'organization'
  AND contributor_kind = 'total'
  AND period_kind = 'month'
  AND is_current IS TRUE
GROUP BY
  DATE_TRUNC('MONTH', period_start_date),
  formula
ORDER BY
  index DESC
LIMIT 1000;

SELECT
  quota_id AS quota_id,
  measure AS measure,
  period_start_date AS period_start_date,
  period_end_date AS period_end_date,
  exhaustion_probability AS exhaustion_probability,
  exhaustion_date_p50 AS exhaustion_date_p50,
  expected_overrun_value AS expected_overrun_value,
  needed_quota_value AS needed_quota_value
FROM main.fct_quota_exhaustion
WHERE
  is_running IS TRUE AND NOT exhaustion_probability IS NULL
ORDER BY
  exhaustion_probability DESC
LIMIT 50;

SELECT
  DATE_TRUNC('MONTH', usage_date) AS usage_date,
  CAST((
    (
      SUM(allocation_cost_usd) + SUM(amortized_training_cost_usd)
    ) * 1000000
  ) AS DOUBLE) / CAST(NULLIF(SUM(total_tokens - unpriced_tokens), 0) AS DOUBLE) AS loaded_cost_usd_per_million_tokens
FROM main.fct_token_costs_daily
GROUP BY
  DATE_TRUNC('MONTH', usage_date)
LIMIT 50000;

SELECT
  DATE_TRUNC('MONTH', usage_date) AS usage_date,
  SUM(total_tokens) AS total_tokens
FROM main.fct_token_costs_daily
GROUP BY
  DATE_TRUNC('MONTH', usage_date)
LIMIT 50000;

SELECT
  DATE_TRUNC('WEEK', usage_date) AS usage_date,
  model_name AS model_name,
  CAST((
    (
      SUM(allocation_cost_usd) + SUM(amortized_training_cost_usd)
    ) * 1000000
  ) AS DOUBLE) / CAST(NULLIF(SUM(total_tokens - unpriced_tokens), 0) AS DOUBLE) AS loaded_cost_usd_per_million_tokens
FROM main.fct_token_costs_daily
GROUP BY
  DATE_TRUNC('WEEK', usage_date),
  model_name
ORDER BY
  loaded_cost_usd_per_million_tokens DESC
LIMIT 10000;
