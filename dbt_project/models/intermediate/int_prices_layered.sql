-- One row per cloud model, region and service tier seen, period, context tier and window of the
-- day: what each source asks there, side by side. Periods end where any source changes.
{%- set classes = priced_classes() %}
with
    stated as (select * from {{ ref("int_prices_stated") }}),

    skus as (
        select *
        from {{ ref("int_skus_seen") }}
        inner join {{ ref("int_models_matched") }} using (provider_name, model_name)
    ),

    uplifts as (
        select
            skus.sku_number,
            uplifts.uplift_ratio,
            uplifts.valid_from,
            uplifts.valid_to,
            uplifts.model_name is null as is_general
        from skus
        inner join
            {{ ref("stg_ledger__regional_uplifts") }} as uplifts
            on skus.region_name = uplifts.region_name
            and uplifts.provider_name in (skus.provider_name, skus.price_provider_name)
            and coalesce(uplifts.model_name, skus.model_name)
            in (skus.model_name, skus.price_model_name)
    ),

    -- every day, context and minute at which a price may change
    days as (
        select sku_number, unnest([valid_from, valid_to]) as valid_from
        from stated
        union
        select uplifts.sku_number, unnest([uplifts.valid_from, uplifts.valid_to]) as valid_from
        from uplifts
    ),

    periods as (
        select
            sku_number,
            valid_from,
            lead(valid_from) over (partition by sku_number order by valid_from) as valid_to
        from days
        where valid_from is not null
    ),

    contexts as (
        select
            sku_number,
            context_threshold_tokens,
            lead(context_threshold_tokens, 1, 9223372036854775807) over (
                partition by sku_number order by context_threshold_tokens
            ) as context_ceiling_tokens
        from (select distinct sku_number, context_threshold_tokens from stated) as thresholds
    ),

    windows as (
        select
            sku_number,
            minute as window_start_minute,
            lead(minute) over (partition by sku_number order by minute) as window_end_minute
        from
            (
                select distinct
                    sku_number, unnest([window_start_minute, window_end_minute]) as minute
                from stated
            ) as edges
        qualify window_end_minute is not null
    ),

    cells as (
        select
            sku_number,
            skus.provider_name,
            skus.model_name,
            skus.region_name,
            skus.price_service_tier,
            periods.valid_from,
            periods.valid_to,
            contexts.context_threshold_tokens,
            contexts.context_ceiling_tokens,
            windows.window_start_minute,
            windows.window_end_minute,
            (
                select arg_min(uplifts.uplift_ratio, uplifts.is_general)
                from uplifts
                where
                    uplifts.sku_number = periods.sku_number
                    and {{ is_valid_at("periods.valid_from", "uplifts") }}
            ) as uplift_ratio
        from skus
        inner join periods using (sku_number)
        inner join contexts using (sku_number)
        inner join windows using (sku_number)
    ),

    -- the classes side by side, what each source asks for them one above the other
    joined as (
        select
            cells.*,
            {% for price_source in ["contract", "list", "override"] -%}
                {{ price_source }}.price_id as {{ price_source }}_price_id,
                {{ price_source }}.price_snapshot as {{ price_source }}_snapshot,
            {% endfor %}
            contract.stated_by as contract_id,
            override.stated_by as override_id,
            coalesce(list.standard_classes, '') as standard_classes,
            {% for token_class in classes -%}
                contract.{{ token_class }}_unit_price_usd
                as contract_{{ token_class }}_unit_price_usd,
                cast(
                    list.{{ token_class }}_unit_price_usd
                    * coalesce(cells.uplift_ratio, 1) as decimal(18, 12)
                ) as list_{{ token_class }}_unit_price_usd,
                override.{{ token_class }}_unit_price_usd
                as override_{{ token_class }}_unit_price_usd{{ "," if not loop.last }}
            {% endfor %}
        from cells
        {%- for price_source in ["contract", "list", "override"] %}
            left join
                stated as {{ price_source }}
                on {{ price_source }}.price_source = '{{ price_source }}'
                and cells.sku_number = {{ price_source }}.sku_number
                and {{ is_valid_at("cells.valid_from", price_source) }}
                and cells.context_threshold_tokens >= {{ price_source }}.context_threshold_tokens
                and cells.context_threshold_tokens < {{ price_source }}.context_ceiling_tokens
                and cells.window_start_minute >= {{ price_source }}.window_start_minute
                and cells.window_start_minute < {{ price_source }}.window_end_minute
        {%- endfor %}
        where coalesce(contract_price_id, list_price_id, override_price_id) is not null
    )

select *
from joined
