-- One row per day, provider, model and team. The only place where money is divided.
-- Costs cover the priced tokens; unpriced_tokens says how many lie outside, and where that is all
-- of them the cost is unknown (NULL). Idle and overhead belong to no team: costs without tokens.
with
    usage as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            case
                when bool_and(request_count is not null) then sum(request_count)
            end as request_count,
            true as is_used
        from {{ ref("fct_usage_hourly") }}
        group by usage_date, provider_name, model_name, team_id
    ),

    charges as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            sum(input_tokens) as input_tokens,
            sum(output_tokens) as output_tokens,
            sum(total_tokens) as total_tokens,
            {% for tokens in ["input_tokens", "output_tokens", "total_tokens"] -%}
                coalesce(
                    sum({{ tokens }}) filter (pricing_status = 'unpriced'), 0
                ) as unpriced_{{ tokens }},
            {% endfor -%}
            {% for cost in ["input_cost_usd", "output_cost_usd", "effective_cost_usd"] -%}
                {{ known_sum(cost) }} as {{ cost }}{{ "," if not loop.last }}
            {% endfor -%}
        from {{ ref("fct_charges_hourly") }}
        group by usage_date, provider_name, model_name, team_id
    ),

    joined as (
        select * from charges full join usage using (usage_date, provider_name, model_name, team_id)
    )

select
    usage_date,
    provider_name,
    model_name,
    team_id,
    provider_name = 'self_hosted' as is_self_hosted,
    cast(if(is_used, request_count, 0) as bigint) as request_count,
    cast(input_tokens as bigint) as input_tokens,
    cast(output_tokens as bigint) as output_tokens,
    cast(total_tokens as bigint) as total_tokens,
    cast(coalesce(unpriced_total_tokens, 0) as bigint) as unpriced_tokens,
    input_cost_usd,
    output_cost_usd,
    effective_cost_usd,
    {{ usd_per_million("effective_cost_usd", "total_tokens - unpriced_total_tokens") }}
    as cost_usd_per_million_tokens,
    {{ usd_per_million("input_cost_usd", "input_tokens - unpriced_input_tokens") }}
    as input_cost_usd_per_million_tokens,
    {{ usd_per_million("output_cost_usd", "output_tokens - unpriced_output_tokens") }}
    as output_cost_usd_per_million_tokens
from joined
