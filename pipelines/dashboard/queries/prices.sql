-- One row for each price of a model in use that is believed now and holds in the charts' days.
select
    model_name as model,
    provider_name as provider,
    nullif(valid_from, date '1970-01-01') as valid_from,
    valid_to,
    price_source as source,
    service_tier as tier,
    nullif(context_threshold_tokens, 0) as context,
    -- Display only: prices are kept for one token.
    uncached_input_unit_price_usd * 1000000 as input_price,
    cache_read_input_unit_price_usd * 1000000 as read_price,
    cache_write_input_unit_price_usd * 1000000 as write_price,
    output_unit_price_usd * 1000000 as output_price,
    price_id
from dim_prices
semi join dim_models using (provider_name, model_name)
where
    believed_to is null
    and valid_from <= $last
    and (valid_to is null or valid_to > $chart_first)
    and ($model is null or model_name = $model)
    and ($provider is null or provider_name = $provider)
order by model, provider, tier, context nulls first, dim_prices.valid_from desc, source
