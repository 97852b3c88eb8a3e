-- One row per counted event with its cost at list and at contract prices; unknown is NULL, never 0.
{%- set input_classes = {
    "uncached_input": "uncached_input_tokens",
    "cache_read_input": "cache_read_input_tokens",
    "cache_write_input": "cache_write_short_input_tokens",
    "cache_write_1h_input": "cache_write_long_input_tokens",
} %}
with
    events as (select * from {{ ref("int_usage_events_matched") }}),

    -- a contract overrides the list class by class; a class with tokens and no price makes NULL
    multiplied as (
        select
            *,
            0
            {% for token_class, tokens in input_classes.items() -%}
                + {{ priced(tokens, "list_" ~ token_class ~ "_unit_price_usd") }}
            {% endfor %} as list_input_cost_usd,
            {{ priced("output_tokens", "list_output_unit_price_usd") }} as list_output_cost_usd,
            0
            {% for token_class, tokens in input_classes.items() -%}
                + {{
                    priced(
                        tokens,
                        "coalesce(contract_%s_unit_price_usd, list_%s_unit_price_usd)"
                        | format(token_class, token_class),
                    )
                }}
            {% endfor %} as known_input_cost_usd,
            {{
                priced(
                    "output_tokens",
                    "coalesce(contract_output_unit_price_usd, list_output_unit_price_usd)",
                )
            }} as known_output_cost_usd
        from events
    ),

    reasoned as (
        select
            *,
            case
                when is_self_hosted or (coalesce(total_tokens, 0) = 0 and status = 'failure')
                then null
                when total_tokens is null
                then 'tokens_not_reported'
                when not (has_list_price or has_contract_price)
                then 'no_price_for_model'
                when
                    is_batch
                    or coalesce(service_tier, '') not in ('', 'default', 'standard', 'auto')
                then 'no_price_for_service_tier'
                when is_context_unknown and not has_contract_price
                then 'no_price_for_context'
                when unlisted_tokens > 0 or known_input_cost_usd + known_output_cost_usd is null
                then 'no_price_for_token_class'
            end as unpriced_reason
        from multiplied
    ),

    priced as (
        select
            *,
            case
                when is_self_hosted
                then 'own_gpu'
                when unpriced_reason is not null
                then 'unpriced'
                when has_contract_price
                then 'contract'
                else 'list'
            end as pricing_status
        from reasoned
    )

select
    * exclude (known_input_cost_usd, known_output_cost_usd),
    case
        when pricing_status in ('list', 'contract') then list_input_cost_usd + list_output_cost_usd
    end as list_cost_usd,
    case
        when pricing_status in ('list', 'contract') then known_input_cost_usd
    end as input_cost_usd,
    case
        when pricing_status in ('list', 'contract') then known_output_cost_usd
    end as output_cost_usd
from priced
