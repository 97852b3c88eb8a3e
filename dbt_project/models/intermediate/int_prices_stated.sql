-- One row per cloud model seen and price that any source states for it: contract, list, override.
-- Regional uplifts multiply list prices later; a contract and an override are what they are.
with
    skus as (
        select *
        from {{ ref("int_skus_seen") }}
        inner join {{ ref("int_models_matched") }} using (provider_name, model_name)
    )

{%- for price_source, names, prices in [
        ("contract", "contract", ref("int_contract_prices_pivoted")),
        ("list", "price", ref("int_list_prices_bounded")),
        ("override", "override", ref("int_price_overrides_pivoted")),
    ] %}

        {{ "select" if loop.first else "union all by name select" }}
        skus.sku_number,
        '{{ price_source }}' as price_source,
        prices.price_id,
        prices.valid_from,
        prices.valid_to,
        prices.context_threshold_tokens,
        coalesce(prices.context_ceiling_tokens, 9223372036854775807) as context_ceiling_tokens,
        {% if price_source == "list" -%}
            prices.window_start_minute,
            prices.window_end_minute,
            prices.standard_classes,
            prices.price_snapshot || ' sha256:' || prices.price_snapshot_sha256 as price_snapshot,
        {%- else -%}
            0 as window_start_minute,
            1440 as window_end_minute,
            prices.{{ price_source }}_id as stated_by,
            '{{ price_source }} '
            || prices.{{ price_source }}_id
            || ' sha256:'
            || prices.price_snapshot_sha256 as price_snapshot,
        {%- endif %}
        {% for token_class in priced_classes() -%}
            prices.{{ token_class }}_unit_price_usd{{ "," if not loop.last }}
        {% endfor %}
    from skus
    inner join
        {{ prices }} as prices
        on skus.{{ names }}_provider_name = prices.provider_name
        and skus.{{ names }}_model_name = prices.model_name
        and skus.price_service_tier = prices.service_tier
{%- endfor %}
