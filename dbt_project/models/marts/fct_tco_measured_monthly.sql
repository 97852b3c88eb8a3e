-- One row per month, own model and cloud model it is compared with: what its tokens cost, and what
-- the same tokens would have cost there. From what was measured, not from assumptions.
with
    equivalents as (
        select
            cast(date_trunc('month', usage_date) as date) as month_start_date,
            model_name,
            equivalent_provider_name,
            equivalent_model_name,
            sum(equivalent_unpriced_tokens) as equivalent_unpriced_tokens,
            sum(equivalent_cost_usd) as known_equivalent_cost_usd,
            {% for tokens in [
                "uncached_input_tokens",
                "cache_read_input_tokens",
                "cache_write_input_tokens",
                "output_tokens",
                "total_tokens",
                "unpriced_tokens",
            ] -%}
                cast(sum({{ tokens }}) as bigint) as {{ tokens }}{{ "," if not loop.last }}
            {% endfor %}
        from {{ ref("int_equivalent_costs_daily") }}
        group by month_start_date, model_name, equivalent_provider_name, equivalent_model_name
    ),

    costs as (
        select
            cast(date_trunc('month', usage_date) as date) as month_start_date,
            model_name,
            sum(input_cost_usd + output_cost_usd) as serving_cost_usd,
            sum(shared_idle_cost_usd) as shared_idle_cost_usd,
            sum(shared_overhead_cost_usd) as shared_overhead_cost_usd,
            sum(amortized_training_cost_usd) as amortized_training_cost_usd
        from {{ ref("fct_token_costs_daily") }}
        where is_self_hosted
        group by month_start_date, model_name
    ),

    gpu_hours as (
        select
            cast(date_trunc('month', usage_date) as date) as month_start_date,
            model_name,
            sum(gpu_hours) as gpu_hours,
            sum(gpu_hours) filter (allocation_status = 'allocated') as loaded_gpu_hours
        from {{ ref("fct_gpu_allocations_hourly") }}
        where workload = 'inference'
        group by month_start_date, model_name
    ),

    joined as (
        select
            equivalents.*,
            costs.serving_cost_usd,
            costs.shared_idle_cost_usd,
            costs.shared_overhead_cost_usd,
            costs.amortized_training_cost_usd,
            costs.serving_cost_usd
            + costs.shared_idle_cost_usd
            + costs.shared_overhead_cost_usd
            + costs.amortized_training_cost_usd as own_cost_usd,
            case
                when equivalent_unpriced_tokens = 0 then known_equivalent_cost_usd
            end as equivalent_cost_usd,
            gpu_hours.gpu_hours,
            coalesce(cast(gpu_hours.loaded_gpu_hours as double), 0)
            / cast(gpu_hours.gpu_hours as double) as load_ratio
        from equivalents
        inner join
            costs
            on equivalents.month_start_date = costs.month_start_date
            and equivalents.model_name = costs.model_name
        left join
            gpu_hours
            on equivalents.month_start_date = gpu_hours.month_start_date
            and equivalents.model_name = gpu_hours.model_name
    )

select
    month_start_date,
    model_name,
    equivalent_provider_name,
    equivalent_model_name,
    uncached_input_tokens,
    cache_read_input_tokens,
    cache_write_input_tokens,
    output_tokens,
    total_tokens,
    unpriced_tokens,
    {% for cost in [
        "serving_cost_usd",
        "shared_idle_cost_usd",
        "shared_overhead_cost_usd",
        "amortized_training_cost_usd",
        "own_cost_usd",
        "equivalent_cost_usd",
    ] -%}
        cast({{ cost }} as decimal(38, 12)) as {{ cost }},
    {% endfor -%}
    cast(equivalent_cost_usd - own_cost_usd as decimal(38, 12)) as savings_usd,
    cast(equivalent_cost_usd - own_cost_usd as double)
    / nullif(cast(equivalent_cost_usd as double), 0) as savings_ratio,
    {{ usd_per_million("own_cost_usd", "total_tokens") }} as own_cost_usd_per_million_tokens,
    {{ usd_per_million("equivalent_cost_usd", "total_tokens") }}
    as equivalent_cost_usd_per_million_tokens,
    cast(gpu_hours as decimal(38, 12)) as gpu_hours,
    load_ratio,
    -- own cost hardly follows the load, the other follows the tokens: they meet where the load, at
    -- the same tokens per loaded hour, has grown or shrunk by own / equivalent
    load_ratio
    * cast(own_cost_usd as double)
    / nullif(cast(equivalent_cost_usd as double), 0) as break_even_load_ratio,
    cast(total_tokens as double)
    * cast(own_cost_usd as double)
    / nullif(cast(equivalent_cost_usd as double), 0) as break_even_tokens
from joined
