-- One row per counted event, with the unit prices that held when it started: effective and list.
-- Answers from a gateway's own cache consumed nothing and are left out. The context of requests
-- that a provider's bucket sums up is known if the bucket names its tier or is itself small.
{%- set bucket_minutes %}
    case events.grain when 'bucket_1m' then 1 when 'bucket_1h' then 60 when 'bucket_1d' then 1440 else 0 end
{%- endset %}
with
    events as (
        select
            *,
            coalesce(
                case
                    when grain != 'request' and context_tier like '0-%' then 0 else input_tokens
                end,
                0
            ) as context_tokens,
            60 * hour(started_at) + minute(started_at) as started_minute
        from {{ ref("int_usage_events_owned") }}
        where not is_gateway_cache_hit
    ),

    prices as (select * from {{ ref("int_prices_applied") }}),

    models as (select * from {{ ref("int_models_matched") }}),

    matched as (
        select
            events.* exclude (context_tokens, started_minute),
            prices.price_id is not null as has_price,
            prices.price_id,
            prices.price_snapshot,
            prices.only_source,
            prices.strongest_source,
            coalesce(
                prices.is_context_dependent
                and events.grain != 'request'
                and events.context_tier is null
                and prices.context_threshold_tokens > 0,
                false
            ) as is_context_unknown,
            coalesce(
                prices.is_time_dependent
                and events.started_minute + {{ bucket_minutes }} > prices.window_end_minute,
                false
            ) as is_time_unknown,
            prices.cell_number,
            prices.price_rules,
            events.has_rare_units or prices.has_request_price as has_rare_classes,
            {% for token_class in common_classes() -%}
                prices.{{ token_class }}_unit_price_usd,
                prices.list_{{ token_class }}_unit_price_usd{{ "," if not loop.last }}
            {% endfor %}
        from events
        left join
            prices
            on events.provider_name = prices.provider_name
            and events.model_name = prices.model_name
            and events.region_name = prices.region_name
            and events.price_service_tier = prices.price_service_tier
            and events.started_at >= prices.valid_from_at
            and events.started_at < prices.valid_to_at
            and events.context_tokens > prices.context_over_tokens
            and events.context_tokens <= prices.context_ceiling_tokens
            and events.started_minute >= prices.window_start_minute
            and events.started_minute < prices.window_end_minute
    )

-- what few events need is looked up for those alone
select
    matched.* exclude (has_rare_classes),
    coalesce(matched.has_rare_classes, false) as has_rare_classes,
    matched.has_price
    or coalesce(models.price_model_name, models.contract_model_name, models.override_model_name)
    is not null as is_known_model,
    {% for token_class in rare_classes() -%}
        rare.{{ token_class }}_unit_price_usd, rare.list_{{ token_class }}_unit_price_usd,
    {% endfor %}
    {% for token_class in priced_classes() -%}
        rare.{{ token_class }}_source{{ "," if not loop.last }}
    {% endfor %}
from matched
left join
    prices as rare
    on case
        when matched.has_rare_classes or matched.only_source is null then matched.cell_number
    end
    = rare.cell_number
left join
    models
    on case when not matched.has_price then matched.model_name end = models.model_name
    and matched.provider_name = models.provider_name
