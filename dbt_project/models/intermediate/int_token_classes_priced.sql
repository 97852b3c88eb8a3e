-- One row per day, price, team and class of cloud tokens with a known cost: tokens x unit price.
-- What no price by the token explains (fees, searches, sound, reserved capacity) is a row of its
-- own, 'rest', so that the parts are the cost.
{{ config(materialized="table") }}
with
    events as (
        select *
        from {{ ref("fct_usage_events") }}
        where not is_self_hosted and pricing_status != 'unpriced'
    ),

    summed as (
        select
            usage_date,
            provider_name,
            model_name,
            team_id,
            region_name,
            price_service_tier,
            pricing_status,
            price_id,
            {{ token_class_sums() }},
            sum(contracted_cost_usd) as contracted_cost_usd,
            -- no list has a price of reserved throughput, nor of what only an override prices
            if(
                pricing_status != 'provisioned' and bool_and(list_cost_usd is not null),
                sum(list_cost_usd),
                sum(contracted_cost_usd)
            ) as list_cost_usd
        from events
        group by
            usage_date,
            provider_name,
            model_name,
            team_id,
            region_name,
            price_service_tier,
            pricing_status,
            price_id
    ),

    prices as (
        select
            * exclude (model_name, region_name),
            model_name as priced_model_name,
            {{ with_parents("", "_unit_price_usd", "full_", "_price") }}
        from {{ ref("dim_prices") }}
    ),

    list_prices as (select * from prices where price_source = 'list' and believed_to is null),

    priced as (
        select
            row_number() over () as group_number,
            summed.*,
            coalesce(prices.priced_model_name, summed.model_name) as priced_model_name,
            prices.context_threshold_tokens,
            prices.window_start_minute,
            prices.window_end_minute,
            {% for token_class in token_classes() -%}
                prices.full_{{ token_class }}_price as {{ token_class }}_price,
                coalesce(
                    if(
                        summed.pricing_status = 'list',
                        null,
                        list_prices.full_{{ token_class }}_price
                    ),
                    prices.full_{{ token_class }}_price
                ) as {{ token_class }}_list_price{{ "," if not loop.last }}
            {% endfor %}
        from summed
        left join prices on summed.price_id = prices.price_id
        left join
            list_prices
            on summed.provider_name = list_prices.provider_name
            and summed.model_name = list_prices.priced_model_name
            and summed.price_service_tier = list_prices.service_tier
            and prices.context_threshold_tokens >= list_prices.context_threshold_tokens
            and prices.window_start_minute >= list_prices.window_start_minute
            and prices.window_end_minute <= list_prices.window_end_minute
            and summed.usage_date >= list_prices.valid_from
            and summed.usage_date < coalesce(list_prices.valid_to, date '9999-12-31')
        qualify
            row_number() over (
                partition by
                    summed.usage_date,
                    summed.provider_name,
                    summed.model_name,
                    summed.team_id,
                    summed.region_name,
                    summed.price_service_tier,
                    summed.pricing_status,
                    summed.price_id
                order by list_prices.context_threshold_tokens desc, list_prices.price_id asc
            )
            = 1
    ),

    -- the classes of a group under each other
    token_lines as (
        select
            priced.*,
            unnest(
                [
                    {% for token_class, meaning in token_classes().items() -%}
                        {
                            'token_class':'{{ token_class }}',
                            'token_direction':'{{ meaning[0] }}',
                            'token_cache_action':nullif('{{ meaning[1] }}', ''),
                            'tokens':{{ token_class }},
                            'unit_price_usd':{{ token_class }}_price,
                            'list_unit_price_usd':{{ token_class }}_list_price
                        }{{ "," if not loop.last }}
                    {% endfor %}
                ],
                recursive := true
            )
        from priced
    ),

    classes as (
        select
            *,
            cast(tokens * coalesce(unit_price_usd, 0) as decimal(38, 12)) as class_cost_usd,
            cast(
                tokens * coalesce(list_unit_price_usd, 0) as decimal(38, 12)
            ) as class_list_cost_usd
        from token_lines
        where tokens != 0
    ),

    explained as (
        select
            group_number,
            sum(class_cost_usd) as class_cost_usd,
            sum(class_list_cost_usd) as class_list_cost_usd
        from classes
        group by group_number
    ),

    rests as (
        select
            priced.*,
            cast(
                priced.contracted_cost_usd
                - coalesce(explained.class_cost_usd, 0) as decimal(38, 12)
            ) as rest_usd,
            cast(
                priced.list_cost_usd - coalesce(explained.class_list_cost_usd, 0) as decimal(38, 12)
            ) as list_rest_usd
        from priced
        left join explained on priced.group_number = explained.group_number
    ),

    signed as (
        select *, if(rest_usd < 0 or (rest_usd = 0 and list_rest_usd < 0), -1, 1) as rest_sign
        from rests
        where rest_usd != 0 or list_rest_usd != 0
    ),

    -- a unit price is never negative: the sign is the quantity's
    rest_lines as (
        select
            * exclude (contracted_cost_usd, list_cost_usd),
            'rest' as token_class,
            cast(rest_sign as decimal(38, 12)) as quantity,
            rest_usd as contracted_cost_usd,
            abs(rest_usd) as unit_price_usd,
            if(list_rest_usd * rest_sign < 0, rest_usd, list_rest_usd) as list_cost_usd,
            abs(if(list_rest_usd * rest_sign < 0, rest_usd, list_rest_usd)) as list_unit_price_usd
        from signed
    ),

    class_lines as (
        select
            * exclude (contracted_cost_usd, list_cost_usd),
            cast(tokens as decimal(38, 12)) as quantity,
            class_cost_usd as contracted_cost_usd,
            class_list_cost_usd as list_cost_usd
        from classes
    ),

    lines as (
        from class_lines  -- noqa: AM07
        union all by name
        from rest_lines
    )

select
    usage_date,
    provider_name,
    model_name,
    team_id,
    region_name,
    price_service_tier,
    pricing_status,
    priced_model_name,
    context_threshold_tokens,
    window_start_minute,
    window_end_minute,
    token_class,
    token_direction,
    token_cache_action,
    quantity,
    unit_price_usd,
    list_unit_price_usd,
    contracted_cost_usd,
    list_cost_usd
from lines
