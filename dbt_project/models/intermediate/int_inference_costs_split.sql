-- One row per hour, self-hosted model and team: the team's exact share of the model's GPU cost.
-- Input cost follows uncached input tokens (cached ones need no prefill), output cost output
-- tokens; where none were counted, all input tokens, then requests. Load without any logged
-- request is nobody's: unattributed. Usage without GPUs in the ledger keeps an unknown cost.
with
    costs as (select * from {{ ref("int_inference_costs_phased") }}),

    -- An hour of gateway cache hits alone reached no GPU.
    usage as (
        select *
        from {{ ref("fct_usage_hourly") }}
        where is_self_hosted and request_count is distinct from 0
    ),

    joined as (
        select
            usage_date,
            hour_start_at,
            model_name,
            coalesce(usage.team_id, 'unattributed') as team_id,
            costs.model_name is not null as has_gpus,
            costs.input_picousd,
            costs.output_picousd,
            usage.input_tokens,
            usage.output_tokens,
            usage.total_tokens,
            usage.reported_cost_usd,
            coalesce(usage.uncached_input_tokens, 0) as uncached_weight,
            coalesce(usage.input_tokens, 0) as input_weight,
            coalesce(usage.output_tokens, 0) as output_weight,
            coalesce(usage.request_count, 0) as request_weight
        from costs
        full join usage using (usage_date, hour_start_at, model_name)
    ),

    based as (
        select
            *,
            case
                when sum(uncached_weight) over same_model > 0
                then 'uncached_input_tokens'
                when sum(input_weight) over same_model > 0
                then 'input_tokens'
                when sum(request_weight) over same_model > 0
                then 'requests'
                else 'none'
            end as input_basis,
            case
                when sum(output_weight) over same_model > 0
                then 'output_tokens'
                when sum(input_weight) over same_model > 0
                then 'input_tokens'
                when sum(request_weight) over same_model > 0
                then 'requests'
                else 'none'
            end as output_basis
        from joined
        window same_model as (partition by usage_date, hour_start_at, model_name)
    ),

    weighed as (
        select
            * exclude (input_weight, output_weight),
            case
                input_basis
                when 'uncached_input_tokens'
                then uncached_weight
                when 'input_tokens'
                then input_weight
                when 'requests'
                then request_weight
                else 1
            end as input_weight,
            case
                output_basis
                when 'output_tokens'
                then output_weight
                when 'input_tokens'
                then input_weight
                when 'requests'
                then request_weight
                else 1
            end as output_weight
        from based
    ),

    split as (
        select
            usage_date,
            hour_start_at,
            model_name,
            team_id,
            has_gpus,
            input_tokens,
            output_tokens,
            total_tokens,
            request_weight as request_count,
            reported_cost_usd,
            input_basis,
            output_basis,
            input_weight,
            output_weight,
            {{
                split_exactly(
                    "input_picousd",
                    "input_weight",
                    "usage_date, hour_start_at, model_name",
                    "team_id",
                )
            }} as input_picousd,
            {{
                split_exactly(
                    "output_picousd",
                    "output_weight",
                    "usage_date, hour_start_at, model_name",
                    "team_id",
                )
            }} as output_picousd
        from weighed
    )

select *
from split
