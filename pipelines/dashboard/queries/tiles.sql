-- One row: the figures at the top of the page. "Last 30 days" ends with data_through.
with
    now as (
        select published_at, data_through, price_snapshot, meterhouse_version
        from meterhouse_snapshot
    ),
    spend as (
        select
            count(*) as charges,
            sum(effective_cost_usd) filter (usage_date > data_through - 30) as spend_usd,
            sum(effective_cost_usd) filter (
                usage_date <= data_through - 30 and usage_date > data_through - 60
            ) as spend_before_usd
        from fct_charges_hourly, now
        where usage_date <= data_through
    ),
    tokens as (
        select
            sum(total_tokens) as tokens,
            sum(unpriced_tokens) as unpriced_tokens,
            -- Idle GPUs, overhead and training have costs and no tokens.
            sum(effective_cost_usd) filter (total_tokens > 0) as token_cost_usd,
            sum(effective_cost_usd) as loaded_cost_usd
        from fct_token_costs_daily, now
        where usage_date > data_through - 30 and usage_date <= data_through
    ),
    gpus as (
        select
            sum(gpu_hours) filter (allocation_status = 'allocated')::double
            / nullif(sum(gpu_hours), 0)::double as allocated_ratio,
            coalesce(round(sum(gpu_hours)), 0)::bigint as gpu_hours,
            sum(direct_cost_usd) filter (allocation_status = 'idle') as idle_cost_usd
        from fct_gpu_allocations_hourly, now
        where usage_date > data_through - 30 and usage_date <= data_through
    ),
    newest_checks as (
        select *
        from fct_data_quality_results
        qualify
            row_number() over (
                partition by table_name, usage_date, expectation_name, column_name
                order by checked_at desc, run_id desc
            )
            = 1
    ),
    checks as (
        select count(*) as checks, count(*) filter (not is_success) as checks_failed
        from newest_checks
    )
select
    now.*,
    spend.*,
    tokens.* exclude (tokens, unpriced_tokens),
    tokens::bigint as tokens,
    unpriced_tokens::bigint as unpriced_tokens,
    token_cost_usd * 1e6 / nullif(tokens - unpriced_tokens, 0) as cost_usd_per_million_tokens,
    loaded_cost_usd
    * 1e6
    / nullif(tokens - unpriced_tokens, 0) as loaded_cost_usd_per_million_tokens,
    gpus.*,
    checks.*
from now, spend, tokens, gpus, checks
