-- One row per self-hosted model and hour with allocated GPU cost, split into input and output; the
-- cost is 0 in an hour of failures, which is idle.
-- Prefill makes the input's cost, decode the output's: by the seconds that the engines measured,
-- else by tokens, an output token weighing `output_token_weight` uncached input tokens.
with
    allocations as (select * from {{ ref("fct_gpu_allocations_hourly") }}),

    engines as (select * from {{ ref("int_engine_activity_hourly") }}),

    usage as (
        select
            usage_date,
            hour_start_at,
            model_name,
            sum(coalesce(uncached_input_tokens, 0)) as uncached_input_tokens,
            sum(coalesce(output_tokens, 0)) as output_tokens
        from {{ ref("fct_usage_hourly") }}
        where is_self_hosted
        group by usage_date, hour_start_at, model_name
    ),

    costs as (
        select
            usage_date,
            hour_start_at,
            model_name,
            coalesce(
                sum({{ picousd("direct_cost_usd") }}) filter (allocation_status = 'allocated'), 0
            ) as allocated_picousd
        from allocations
        where
            workload = 'inference'
            and (allocation_status = 'allocated' or idle_cause = 'failed_requests')
        group by usage_date, hour_start_at, model_name
    ),

    weighed as (
        select
            costs.*,
            case
                when engines.prefill_microseconds + engines.decode_microseconds > 0
                then 'measured_seconds'
                when usage.uncached_input_tokens + usage.output_tokens > 0
                then 'token_ratio'
                else 'input_only'
            end as phase_basis,
            case
                when engines.prefill_microseconds + engines.decode_microseconds > 0
                then engines.prefill_microseconds
                when usage.uncached_input_tokens + usage.output_tokens > 0
                then usage.uncached_input_tokens * 1000
                else 1
            end as input_weight,
            case
                when engines.prefill_microseconds + engines.decode_microseconds > 0
                then engines.decode_microseconds
                when usage.uncached_input_tokens + usage.output_tokens > 0
                then usage.output_tokens * {{ (var("output_token_weight") * 1000) | int }}
                else 0
            end as output_weight
        from costs
        left join
            engines
            on costs.hour_start_at = engines.hour_start_at
            and costs.model_name = engines.model_name
        left join
            usage
            on costs.hour_start_at = usage.hour_start_at
            and costs.model_name = usage.model_name
    ),

    phased as (
        select
            usage_date,
            hour_start_at,
            model_name,
            allocated_picousd,
            phase_basis,
            input_weight,
            output_weight,
            {{ whole_quotient("allocated_picousd * input_weight", "input_weight + output_weight") }}
            as input_picousd
        from weighed
    )

select *, allocated_picousd - input_picousd as output_picousd
from phased
