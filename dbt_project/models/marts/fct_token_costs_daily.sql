-- One row per day, provider, model and team. The only place where money is divided.
-- Costs cover the priced tokens; unpriced_tokens says how many lie outside, and where that is all
-- of them the cost is unknown (NULL). Two bases side by side: effective_cost_usd leaves idle and
-- overhead apart (rows of nobody, without tokens), allocation_cost_usd spreads them over the users.
-- Both sum to the same total. The fully loaded rate adds amortized training to the allocation.
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
                {{ known_sum(cost) }} as {{ cost }},
            {% endfor -%}
            coalesce(
                sum(effective_cost_usd) filter (
                    charge_kind in ('own_gpu_idle', 'own_gpu_overhead')
                ),
                0
            ) as unshared_cost_usd
        from {{ ref("fct_charges_hourly") }}
        group by usage_date, provider_name, model_name, team_id
    ),

    -- on a day on which nobody used own GPUs nobody carries them
    shared as (
        select *, 'self_hosted' as provider_name, true as is_shared
        from {{ ref("int_idle_costs_shared") }}
    ),

    shared_days as (select distinct usage_date, true as is_shared_day from shared),

    training as (
        select *, 'self_hosted' as provider_name from {{ ref("int_training_costs_amortized") }}
    ),

    joined as (
        select *
        from charges
        full join usage using (usage_date, provider_name, model_name, team_id)
        full join shared using (usage_date, provider_name, model_name, team_id)
        full join training using (usage_date, provider_name, model_name, team_id)
        left join shared_days using (usage_date)
    ),

    -- a row of training alone has no charge: it cost nothing on that day
    completed as (
        select
            * replace (
                if(
                    is_used is null and unshared_cost_usd is null, 0, effective_cost_usd
                ) as effective_cost_usd
            )
        from joined
    ),

    based as (
        select
            *,
            coalesce(shared_idle_cost_usd, 0) as idle_share_usd,
            coalesce(shared_overhead_cost_usd, 0) as overhead_share_usd,
            effective_cost_usd
            - if(is_shared_day, coalesce(unshared_cost_usd, 0), 0)
            + coalesce(shared_idle_cost_usd, 0)
            + coalesce(shared_overhead_cost_usd, 0) as allocation_usd
        from completed
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
    cast(idle_share_usd as decimal(38, 12)) as shared_idle_cost_usd,
    cast(overhead_share_usd as decimal(38, 12)) as shared_overhead_cost_usd,
    cast(allocation_usd as decimal(38, 12)) as allocation_cost_usd,
    cast(
        coalesce(amortized_training_cost_usd, 0) as decimal(38, 12)
    ) as amortized_training_cost_usd,
    {{ usd_per_million("effective_cost_usd", "total_tokens - unpriced_total_tokens") }}
    as cost_usd_per_million_tokens,
    {{ usd_per_million("input_cost_usd", "input_tokens - unpriced_input_tokens") }}
    as input_cost_usd_per_million_tokens,
    {{ usd_per_million("output_cost_usd", "output_tokens - unpriced_output_tokens") }}
    as output_cost_usd_per_million_tokens,
    {{ usd_per_million("allocation_usd", "total_tokens - unpriced_total_tokens") }}
    as allocation_cost_usd_per_million_tokens,
    {{
        usd_per_million(
            "(allocation_usd + coalesce(amortized_training_cost_usd, 0))",
            "total_tokens - unpriced_total_tokens",
        )
    }} as fully_loaded_cost_usd_per_million_tokens,
    {{ star_key("team_id") }} as team_key,
    {{ star_key("provider_name") }} as provider_key,
    {{ model_key() }} as model_key
from based
