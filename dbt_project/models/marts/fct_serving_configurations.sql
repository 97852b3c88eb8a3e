-- One row per model and way to serve it: of basis 'measured' one for each GPU model, quantization
-- and parallelism that served it, of basis 'benchmark' one for each run. Measured tokens are those
-- of hours in which the model ran in one way; hours with several are rows of their own.
with
    served_hours as (select * from {{ ref("int_serving_configurations_hourly") }}),

    gpu_hours as (select * from {{ ref("fct_gpu_hours") }}),

    measured as (
        select
            'measured' as basis,
            model_name,
            is_mixed,
            gpu_model,
            quantization,
            tensor_parallel_size,
            pipeline_parallel_size,
            min(usage_date) as first_date,
            max(usage_date) as last_date,
            cast(sum(request_count) as bigint) as request_count,
            cast(sum(input_tokens) as bigint) as input_tokens,
            cast(sum(output_tokens) as bigint) as output_tokens,
            cast(sum(total_tokens) as bigint) as total_tokens,
            cast(coalesce(sum(loaded_gpu_hours), 0) as double) as gpu_hours,
            cast(coalesce(sum(idle_gpu_hours), 0) as double) as idle_gpu_hours,
            cast(coalesce(sum(loaded_cost_usd), 0) as decimal(38, 12)) as cost_usd,
            cast(coalesce(sum(idle_cost_usd), 0) as decimal(38, 12)) as idle_cost_usd,
            cast(sum(energy_joules) as double) as energy_joules,
            cast(sum(covered_gpu_hours) as double) as covered_gpu_hours
        from served_hours
        group by
            model_name,
            is_mixed,
            gpu_model,
            quantization,
            tensor_parallel_size,
            pipeline_parallel_size
    ),

    -- what an own GPU of a kind costs an hour, on average; '' stands for a fleet of one kind
    hourly_costs as (
        select
            gpu_model,
            cast(sum(asset_cost_usd - overhead_cost_usd) as double) / count(*) as usd_per_gpu_hour
        from gpu_hours
        group by gpu_model
        union all
        select
            '' as gpu_model,
            cast(sum(asset_cost_usd - overhead_cost_usd) as double) / count(*) as usd_per_gpu_hour
        from gpu_hours
        having count(distinct gpu_model) = 1
    ),

    -- what the user told the benchmark with --metadata key=value
    told as (
        select
            *,
            {% for key in ["gpu_model", "quantization"] -%}
                json_extract_string(configuration, '$.{{ key }}') as {{ key }},
            {% endfor -%}
            {% for key in ["tensor_parallel_size", "pipeline_parallel_size", "gpu_count"] -%}
                try_cast(
                    json_extract_string(configuration, '$.{{ key }}') as bigint
                ) as {{ key }}{{ "," if not loop.last }}
            {% endfor %}
        from {{ ref("fct_benchmark_runs") }}
    ),

    benchmarks as (
        select
            'benchmark' as basis,
            model_name,
            run_id,
            label,
            max_concurrency,
            request_rate,
            false as is_mixed,
            told.gpu_model,
            quantization,
            tensor_parallel_size,
            pipeline_parallel_size,
            cast(started_at as date) as first_date,
            cast(started_at as date) as last_date,
            completed_requests as request_count,
            input_tokens,
            output_tokens,
            input_tokens + output_tokens as total_tokens,
            duration_seconds
            / 3600
            * coalesce(
                gpu_count, tensor_parallel_size * coalesce(pipeline_parallel_size, 1)
            ) as gpu_hours,
            hourly_costs.usd_per_gpu_hour * gpu_hours as mean_cost_usd,
            time_to_first_token_p50_seconds,
            time_to_first_token_p99_seconds,
            time_per_output_token_p50_seconds,
            time_per_output_token_p99_seconds
        from told
        left join hourly_costs on coalesce(told.gpu_model, '') = hourly_costs.gpu_model
    ),

    unioned as (
        select *
        from measured
        union all by name
        select *
        from benchmarks
    )

select
    basis,
    coalesce(model_name, '') as model_name,
    run_id,
    label,
    is_mixed,
    gpu_model,
    quantization,
    tensor_parallel_size,
    pipeline_parallel_size,
    max_concurrency,
    request_rate,
    first_date,
    last_date,
    request_count,
    input_tokens,
    output_tokens,
    total_tokens,
    gpu_hours,
    idle_gpu_hours,
    cost_usd,
    idle_cost_usd,
    energy_joules,
    cast(total_tokens as double) / nullif(gpu_hours * 3600, 0) as tokens_per_gpu_second,
    {{ usd_per_million("coalesce(cast(cost_usd as double), mean_cost_usd)", "total_tokens") }}
    as cost_usd_per_million_tokens,
    -- over the tokens of the time in which energy was measured
    energy_joules
    / nullif(total_tokens * covered_gpu_hours / nullif(gpu_hours, 0), 0) as joules_per_token,
    time_to_first_token_p50_seconds,
    time_to_first_token_p99_seconds,
    time_per_output_token_p50_seconds,
    time_per_output_token_p99_seconds
from unioned
