-- One row per counted event, with the unit prices that held when it started: list and contract.
-- Answers from a gateway's own cache consumed nothing and are left out. The context of requests
-- that a provider's bucket sums up is known if the bucket names its tier or is itself small.
with
    events as (
        select
            *,
            case
                when grain != 'request' and context_tier like '0-%' then 0 else input_tokens
            end as context_tokens
        from {{ ref("int_usage_events_owned") }}
        where not is_gateway_cache_hit
    ),

    models as (select * from {{ ref("int_models_matched") }}),

    list_prices as (select * from {{ ref("int_list_prices_bounded") }}),

    contract_prices as (select * from {{ ref("int_contract_prices_pivoted") }}),

    matched as (
        select
            events.* exclude (context_tokens),
            list_prices.model_name is not null as has_list_price,
            coalesce(
                events.grain != 'request'
                and events.context_tier is null
                and list_prices.context_threshold_tokens > 0,
                false
            ) as is_context_unknown,
            contract_prices.model_name is not null as has_contract_price,
            {% for token_class in [
                "uncached_input",
                "cache_read_input",
                "cache_write_input",
                "cache_write_1h_input",
                "output",
            ] -%}
                list_prices.{{ token_class }}_unit_price_usd
                as list_{{ token_class }}_unit_price_usd,
                contract_prices.{{ token_class }}_unit_price_usd
                as contract_{{ token_class }}_unit_price_usd{{ "," if not loop.last }}
            {% endfor %}
        from events
        left join
            models
            on events.provider_name = models.provider_name
            and events.model_name = models.model_name
        left join
            list_prices
            on models.price_provider_name = list_prices.provider_name
            and models.price_model_name = list_prices.model_name
            and {{ is_valid_at("events.started_at", "list_prices") }}
            and coalesce(events.context_tokens, 0) >= case
                when list_prices.context_threshold_tokens = 0
                then 0
                else list_prices.context_threshold_tokens + 1
            end
            and (
                coalesce(events.context_tokens, 0) <= list_prices.context_ceiling_tokens
                or list_prices.context_ceiling_tokens is null
            )
        left join
            contract_prices
            on models.contract_provider_name = contract_prices.provider_name
            and models.contract_model_name = contract_prices.model_name
            and {{ is_valid_at("events.started_at", "contract_prices") }}
    )

select *
from matched
