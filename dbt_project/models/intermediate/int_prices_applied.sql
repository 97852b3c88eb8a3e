-- One row per cloud model, region and service tier seen, period, context tier and window of the
-- day: the unit prices that hold there, and who states them. A contract comes before the list and
-- the list before an override, class by class; what none prices is billed as the class that
-- contains it.
{{ config(materialized="table") }}
{%- set classes = priced_classes() %}
{%- set parents = price_parents() %}
with
    layered as (select * from {{ ref("int_prices_layered") }}),

    owned as (
        select
            *,
            {% for token_class in classes -%}
                coalesce(
                    contract_{{ token_class }}_unit_price_usd,
                    list_{{ token_class }}_unit_price_usd,
                    override_{{ token_class }}_unit_price_usd
                ) as own_{{ token_class }}_unit_price_usd,
                case
                    when contract_{{ token_class }}_unit_price_usd is not null
                    then 'contract'
                    when list_{{ token_class }}_unit_price_usd is not null
                    then 'list'
                    when override_{{ token_class }}_unit_price_usd is not null
                    then 'override'
                end as own_{{ token_class }}_source{{ "," if not loop.last }}
            {% endfor %}
        from layered
    ),

    resolved as (
        select
            *,
            {{ with_parents("own_", "_unit_price_usd", "", "_unit_price_usd") }},
            {{ with_parents("list_", "_unit_price_usd", "full_list_", "_unit_price_usd") }},
            {{ with_parents("own_", "_source", "", "_source") }},
            {% for token_class, parent in parents.items() -%}
                -- whose price it is, where not its own: the parent's, or the standard tier's
                case
                    when own_{{ token_class }}_source is null
                    then
                        {% if parents[parent] -%}
                            if(
                                own_{{ parent }}_source is null,
                                '{{ parents[parent] }}',
                                '{{ parent }}'
                            )
                        {%- else -%} '{{ parent }}'
                        {%- endif %}
                    when
                        own_{{ token_class }}_source = 'list'
                        and list_contains(string_split(standard_classes, ' '), '{{ token_class }}')
                    then 'standard'
                end as {{ token_class }}_billed_as{{ "," if not loop.last }}
            {% endfor %}
        from owned
    ),

    judged as (
        select
            *,
            list_distinct(
                [
                    {% for token_class in classes %}
                        {{ token_class }}_source{{ ", " if not loop.last }}
                    {% endfor %}
                ]
            ) as price_sources,
            hash(
                {% for token_class in classes -%}
                    {{ token_class }}_unit_price_usd{{ ", " if not loop.last }}
                {%- endfor %}
            ) as prices_hash
        from resolved
    ),

    compared as (
        select
            *,
            min(prices_hash) over same_time
            != max(prices_hash) over same_time as is_context_dependent,
            min(prices_hash) over same_context
            != max(prices_hash) over same_context as is_time_dependent
        from judged
        window
            same_time as (partition by sku_number, valid_from, window_start_minute),
            same_context as (partition by sku_number, valid_from, context_threshold_tokens)
    ),

    ruled as (
        select
            *,
            concat_ws(
                '; ',
                concat_ws(
                    ' + ',
                    if(list_contains(price_sources, 'contract'), 'contract ' || contract_id, null),
                    if(list_contains(price_sources, 'list'), 'list', null),
                    if(list_contains(price_sources, 'override'), 'override ' || override_id, null)
                ),
                if(price_service_tier != 'standard', 'tier ' || price_service_tier, null),
                if(
                    context_threshold_tokens > 0,
                    'more than ' || context_threshold_tokens || ' input tokens',
                    null
                ),
                if(is_time_dependent, {{ clock_window() }}, null),
                'region ' || region_name || ' times ' || rtrim(cast(uplift_ratio as varchar), '0')
            ) as price_rule
        from compared
    )

select
    row_number() over () as cell_number,
    sku_number,
    provider_name,
    model_name,
    region_name,
    price_service_tier,
    valid_from,
    valid_to,
    cast(valid_from as timestamp) as valid_from_at,
    coalesce(cast(valid_to as timestamp), timestamp '9999-12-31') as valid_to_at,
    context_threshold_tokens,
    -- a tier begins above its threshold, the lowest one also with no input at all
    if(context_threshold_tokens = 0, -1, context_threshold_tokens) as context_over_tokens,
    context_ceiling_tokens,
    window_start_minute,
    window_end_minute,
    is_context_dependent,
    is_time_dependent,
    uplift_ratio,
    -- one row of dim_prices may price it all; else the mixture becomes a row of its own
    case
        when price_sources = ['contract']
        then contract_price_id
        when price_sources = ['list'] and uplift_ratio is null
        then list_price_id
        when price_sources = ['override']
        then override_price_id
        else
            substr(
                sha256(
                    concat_ws(
                        '|',
                        provider_name,
                        model_name,
                        region_name,
                        price_service_tier,
                        valid_from,
                        context_threshold_tokens,
                        window_start_minute,
                        contract_price_id,
                        list_price_id,
                        override_price_id,
                        uplift_ratio
                    )
                ),
                1,
                16
            )
    end as price_id,
    if(len(price_sources) = 1, price_sources[1], null) as only_source,
    case
        when list_contains(price_sources, 'contract')
        then 'contract'
        when list_contains(price_sources, 'list')
        then 'list'
        else 'override'
    end as strongest_source,
    concat_ws(
        ' + ',
        if(list_contains(price_sources, 'contract'), contract_snapshot, null),
        if(list_contains(price_sources, 'list'), list_snapshot, null),
        if(list_contains(price_sources, 'override'), override_snapshot, null)
    ) as price_snapshot,
    price_rule,
    {{ rules_of_used_classes("price_rule") }} as price_rules,
    request_unit_price_usd is not null as has_request_price,
    {% for token_class in classes -%}
        {{ token_class }}_unit_price_usd,
        full_list_{{ token_class }}_unit_price_usd as list_{{ token_class }}_unit_price_usd,
        {{ token_class }}_source{{ "," if not loop.last }}
    {% endfor %}
from ruled
