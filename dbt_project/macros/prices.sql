-- What has a price of its own, in the order of ingest/ledger_prices.py, with the column that
-- counts it.
{% macro priced_classes() -%}
    {{
        return(
            {
                "uncached_input": "uncached_text_input_tokens",
                "uncached_audio_input": "uncached_audio_input_tokens",
                "uncached_image_input": "uncached_image_input_tokens",
                "uncached_video_input": "uncached_video_input_tokens",
                "tool_use_input": "tool_use_input_tokens",
                "cache_read_input": "cache_read_text_input_tokens",
                "cache_read_audio_input": "cache_read_audio_input_tokens",
                "cache_read_image_input": "cache_read_image_input_tokens",
                "cache_read_video_input": "cache_read_video_input_tokens",
                "cache_write_input": "cache_write_short_input_tokens",
                "cache_write_1h_input": "cache_write_long_input_tokens",
                "output": "plain_output_tokens",
                "reasoning_output": "reasoning_output_tokens",
                "audio_output": "audio_output_tokens",
                "image_output": "image_output_tokens",
                "request": "request_count",
                "web_search": "web_search_requests",
            }
        )
    }}
{%- endmacro %}

-- Without a price of its own a class is billed as the one that contains it (genai-prices' rule).
-- Sound, pictures and tool use are not: their tokens cost something else than text.
{% macro price_parents() -%}
    {{
        return(
            {
                "cache_read_input": "uncached_input",
                "cache_write_input": "uncached_input",
                "cache_write_1h_input": "cache_write_input",
                "reasoning_output": "output",
            }
        )
    }}
{%- endmacro %}

-- The tier whose prices hold for a request, from what the log calls it.
{% macro price_service_tier(service_tier, is_batch) -%}
    case
        when {{ is_batch }} or lower({{ service_tier }}) = 'batch'
        then 'batch'
        when lower(coalesce({{ service_tier }}, '')) in ('', 'default', 'standard', 'auto')
        then 'standard'
        when lower({{ service_tier }}) in ('provisioned_throughput', 'scale')
        then 'provisioned'
        -- Vertex AI names the kind of traffic: on_demand, on_demand_flex, on_demand_priority
        else regexp_replace(lower({{ service_tier }}), '^on_demand_', '')
    end
{%- endmacro %}

-- Prices that a ledger states, as common table expressions that end in `pivoted`: one row per
-- model, tier, period and context tier, the classes side by side; NULL where it says nothing.
-- A period ends where any class changes.
{% macro stated_prices_pivoted(ledger, id_column) -%}
    stated as (select * from {{ ledger }}),

    changes as (
        select distinct
            provider_name, model_name, service_tier, unnest([valid_from, valid_to]) as changed_date
        from stated
    ),

    periods as (
        select
            provider_name,
            model_name,
            service_tier,
            changed_date as valid_from,
            lead(changed_date) over (
                partition by provider_name, model_name, service_tier order by changed_date
            ) as valid_to
        from changes
        where changed_date is not null
    ),

    contexts as (
        select provider_name, model_name, service_tier, context_threshold_tokens
        from stated
        union
        select provider_name, model_name, service_tier, 0 as context_threshold_tokens
        from stated
    ),

    latest_price_of_each_class as (
        select
            periods.*,
            contexts.context_threshold_tokens,
            stated.token_class,
            stated.unit_price_usd,
            stated.{{ id_column }},
            stated.row_sha256
        from periods
        inner join
            contexts
            on periods.provider_name = contexts.provider_name
            and periods.model_name = contexts.model_name
            and periods.service_tier = contexts.service_tier
        inner join
            stated
            on periods.provider_name = stated.provider_name
            and periods.model_name = stated.model_name
            and periods.service_tier = stated.service_tier
            and contexts.context_threshold_tokens >= stated.context_threshold_tokens
            and {{ is_valid_at("periods.valid_from", "stated") }}
        qualify
            row_number() over (
                partition by
                    periods.provider_name,
                    periods.model_name,
                    periods.service_tier,
                    periods.valid_from,
                    contexts.context_threshold_tokens,
                    stated.token_class
                order by
                    stated.context_threshold_tokens desc,
                    stated.valid_from desc,
                    stated.{{ id_column }} desc
            )
            = 1
    ),

    pivoted as (
        select
            provider_name,
            model_name,
            service_tier,
            valid_from,
            valid_to,
            context_threshold_tokens,
            lead(context_threshold_tokens) over (
                partition by provider_name, model_name, service_tier, valid_from
                order by context_threshold_tokens
            ) as context_ceiling_tokens,
            string_agg(distinct {{ id_column }}, ' ' order by {{ id_column }}) as {{ id_column }},
            sha256(
                string_agg(row_sha256, '' order by token_class, row_sha256)
            ) as price_snapshot_sha256,
            {% for token_class in priced_classes() -%}
                max(unit_price_usd) filter (
                    token_class = '{{ token_class }}'
                ) as {{ token_class }}_unit_price_usd{{ "," if not loop.last }}
            {% endfor %}
        from latest_price_of_each_class
        group by
            provider_name, model_name, service_tier, valid_from, valid_to, context_threshold_tokens
    )
{%- endmacro %}

-- A stable name of a ledger's price: what it is for, since when, and the rows it was read from.
{% macro stated_price_id() -%}
    substr(
        sha256(
            concat_ws(
                '|',
                provider_name,
                model_name,
                service_tier,
                context_threshold_tokens,
                valid_from,
                price_snapshot_sha256
            )
        ),
        1,
        16
    )
{%- endmacro %}

-- What each class has, or else the class that contains it, where that is a rule.
{% macro with_parents(prefix, suffix, new_prefix, new_suffix) -%}
    {%- set parents = price_parents() -%}
    {%- for token_class in priced_classes() -%}
        {%- set parent = parents.get(token_class) -%}
        {%- set names = [token_class, parent, parents.get(parent)] | select | list -%}
        coalesce(
            {% for name in names %}
                {{ prefix }}{{ name }}{{ suffix }}{{ ", " if not loop.last }}
            {% endfor %}
        ) as {{ new_prefix }}{{ token_class }}{{ new_suffix }}{{ "," if not loop.last }}
    {% endfor -%}
{%- endmacro %}

-- A window of the day as people write it.
{% macro clock_window() -%}
    format(
        '{:02d}:{:02d} to {:02d}:{:02d} UTC',
        divide(window_start_minute, 60),
        window_start_minute % 60,
        divide(window_end_minute, 60),
        window_end_minute % 60
    )
{%- endmacro %}

-- Columns of a ledger of prices; the hash of a row leaves out where in the file it stands.
{% macro stated_price_columns(id_column) -%}
    provider_name,
    model_name,
    coalesce(service_tier, 'standard') as service_tier,
    coalesce(context_over_tokens, 0) as context_threshold_tokens,
    token_class,
    cast(coalesce(unit_price_usd, price_usd_per_request) as decimal(18, 12)) as unit_price_usd,
    valid_from,
    valid_to,
    sha256(
        concat_ws(
            '|',
            {{ id_column }},
            provider_name,
            model_name,
            coalesce(service_tier, 'standard'),
            coalesce(context_over_tokens, 0),
            token_class,
            coalesce(unit_price_usd, price_usd_per_request),
            valid_from,
            coalesce(cast(valid_to as varchar), '')
        )
    ) as row_sha256
{%- endmacro %}

-- The classes that most requests have; the others are looked at only where one is there.
{% macro common_classes() -%}
    {{ return((price_parents().keys() | list) + ["uncached_input", "output"]) }}
{%- endmacro %}

{% macro rare_classes() -%}
    {{ return(priced_classes().keys() | reject("in", common_classes()) | list) }}
{%- endmacro %}

-- What the used classes of one direction cost; a class with tokens and no price makes it NULL.
{% macro cost_of_classes(is_output, prefix) -%}
    {%- set directed = [] -%}
    {%- for token_class in priced_classes() -%}
        {%- if ("output" in token_class) == is_output -%}
            {%- do directed.append(token_class) -%}
        {%- endif -%}
    {%- endfor -%}
    0
    {%- for token_class in directed if token_class in common_classes() %}
        + {{ priced(priced_classes()[token_class], prefix ~ token_class ~ "_unit_price_usd") }}
    {%- endfor %} + case
        when has_rare_classes
        then
            0
            {%- for token_class in directed if token_class in rare_classes() %}
                {%- set unit_price = prefix ~ token_class ~ "_unit_price_usd" %}
                {#- no price for the request itself means that it costs nothing #}
                + {{
                    priced(
                        priced_classes()[token_class],
                        (
                            "coalesce(" ~ unit_price ~ ", 0)"
                            if token_class == "request"
                            else unit_price
                        ),
                    )
                }}
            {%- endfor %}
        else 0
    end
{%- endmacro %}

-- The source of every class that the event used: one name, or 'mixed'. A class without a price,
-- such as the request itself, has no source.
{% macro source_of_used_classes() -%}
    case
        {% set used = [] -%}
        {%- for token_class, tokens in priced_classes().items() -%}
            {%- do used.append("if(" ~ tokens ~ " > 0, " ~ token_class ~ "_source, null)") -%}
        {%- endfor -%}
        when least({{ used | join(", ") }}) != greatest({{ used | join(", ") }})
        then 'mixed'
        else coalesce({{ used | join(", ") }}, strongest_source)
    end
{%- endmacro %}

-- The rules of a price, one for each set of used classes that may be billed as another class; the
-- position of a set is the sum of 2 to the power of its members, plus one.
{% macro rules_of_used_classes(price_rule) -%}
    list_transform(
        range(16),
        lambda used:concat_ws(
            '; ',
            {{ price_rule }},
            {% for token_class in price_parents() -%}
                if(
                    used & {{ 2**loop.index0 }} > 0,
                    '{{ token_class }} at the price of ' || {{ token_class }}_billed_as,
                    null
                ){{ "," if not loop.last }}
            {% endfor %}
        )
    )
{%- endmacro %}

{% macro position_of_used_classes() -%}
    1
    {%- for token_class in price_parents() %}
        + if({{ priced_classes()[token_class] }} > 0, {{ 2**loop.index0 }}, 0)
    {%- endfor %}
{%- endmacro %}

-- Classes without a price of their own, and whose price they have: "reasoning_output=output".
{% macro billed_as_others() -%}
    nullif(
        concat_ws(
            ' ',
            {% for token_class, parent in price_parents().items() -%}
                case
                    when {{ token_class }}_unit_price_usd is null
                    then '{{ token_class }}={{ parent }}'
                end
                {{- "," if not loop.last }}
            {% endfor %}
        ),
        ''
    )
{%- endmacro %}

-- Whether the reported cost is this one, to a part of it; gateways count in binary fractions.
{% macro is_reported(cost_usd, tolerance_ratio="0.000001") -%}
    (abs(reported_cost_usd - ({{ cost_usd }})) <= abs({{ cost_usd }}) * {{ tolerance_ratio }})
{%- endmacro %}
