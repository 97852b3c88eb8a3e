-- One row per day, provider, model, team and token class, and what it cost. 'rest' is what no price
-- by the token explains: fees, searches, sound, reserved throughput, jobs on own GPUs. Idle and
-- overhead are of no class and not here.
-- Own GPUs: input's cost is that of its uncached tokens, cached ones carry no prefill; a team's
-- output cost of an hour lies evenly on its output tokens, reasoning or not, as on its requests.
with
    priced as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            token_class,
            if(token_class = 'rest', null, quantity) as tokens,
            0 as unpriced_tokens,
            contracted_cost_usd as cost_usd
        from {{ ref("int_token_classes_priced") }}
    ),

    -- usage that has no price by the token: that of own GPUs, and what is unpriced
    counted as (
        select
            {{ hour_of("started_at") }} as hour_start_at,
            usage_date,
            provider_name,
            model_name,
            team_id,
            {{ token_class_sums() }}
        from {{ ref("fct_usage_events") }}
        where is_self_hosted or pricing_status = 'unpriced'
        group by {{ hour_of("started_at") }}, usage_date, provider_name, model_name, team_id
    ),

    shares as (
        select
            hour_start_at,
            usage_date,
            'self_hosted' as provider_name,
            model_name,
            team_id,
            {{ picousd("input_cost_usd") }} as input_picousd,
            {{ picousd("output_cost_usd") }} as output_picousd
        from {{ ref("fct_inference_shares_hourly") }}
    ),

    reasoned as (
        select
            *,
            if(
                reasoning_output > 0,
                {{
                    whole_quotient(
                        "output_picousd * reasoning_output", "output + reasoning_output"
                    )
                }},
                0
            ) as reasoning_picousd
        from counted
        full join shares using (hour_start_at, usage_date, provider_name, model_name, team_id)
    ),

    {%- set cost_of = {
        "uncached_input": "input_picousd",
        "output": "output_picousd - reasoning_picousd",
        "reasoning_output": "reasoning_picousd",
    } %}
    -- without a share of GPUs nothing is known, also of the classes that carry no cost
    split as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            unnest(
                [
                    {% for token_class in token_classes() -%}
                        {
                            'token_class':'{{ token_class }}',
                            'tokens':coalesce({{ token_class }}, 0),
                            'unpriced_tokens':if(input_picousd is null, {{ token_class }}, 0),
                            'cost_usd':if(
                                input_picousd is null,
                                null,
                                {{ usd(cost_of.get(token_class, "0")) }}
                            )
                        }{{ "," if not loop.last }}
                    {% endfor %}
                ],
                recursive := true
            )
        from reasoned
    ),

    jobs as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            'rest' as token_class,
            0 as unpriced_tokens,
            sum(
                effective_cost_usd - coalesce(input_cost_usd, 0) - coalesce(output_cost_usd, 0)
            ) as cost_usd
        from {{ ref("fct_charges_hourly") }}
        where charge_kind = 'own_gpu_allocated'
        group by usage_date, provider_name, model_name, team_id
    ),

    unioned as (
        from priced
        union all by name
        from split
        union all by name
        from jobs
    ),

    summed as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            provider_name = 'self_hosted' as is_self_hosted,
            token_class,
            cast(sum(tokens) as bigint) as tokens,
            cast(sum(unpriced_tokens) as bigint) as unpriced_tokens,
            cast(sum(cost_usd) as decimal(38, 12)) as effective_cost_usd
        from unioned
        where tokens != 0 or cost_usd != 0
        group by usage_date, provider_name, model_name, team_id, token_class
    )

select
    *,
    {{ star_key("team_id") }} as team_key,
    {{ star_key("provider_name") }} as provider_key,
    {{ model_key() }} as model_key
from summed
