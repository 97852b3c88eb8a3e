-- One row per day, price, team and class of cloud tokens; the rest is fees or reserved throughput.
-- Then what reserved throughput served nothing.
{{ config(materialized="ephemeral") }}
select
    'cloud_tokens' as charge_kind,
    usage_date as start_date,
    usage_date + 1 as end_date,
    provider_name,
    team_id,
    model_name,
    'Usage' as charge_category,
    'Usage-Based' as charge_frequency,
    concat_ws(
        ', ',
        model_name,
        case
            when token_class != 'rest'
            then replace(token_class, '_', ' ')
            when pricing_status = 'provisioned'
            then 'reserved throughput'
            else 'fees, searches and other media'
        end,
        coalesce(price_service_tier, 'standard') || ' tier'
    ) as charge_description,
    nullif(region_name, '') as region_id,
    concat_ws('/', provider_name, priced_model_name) as sku_id,
    case
        when token_class != 'rest'
        then token_direction || ' Tokens'
        when pricing_status = 'provisioned'
        then 'Provisioned Throughput'
        else 'Fees'
    end as sku_meter,
    concat_ws(
        '/',
        provider_name,
        priced_model_name,
        price_service_tier,
        token_class,
        context_threshold_tokens,
        if(
            window_end_minute - window_start_minute < 1440,
            window_start_minute || '-' || window_end_minute,
            null
        )
    ) as sku_price_id,
    token_class,
    token_direction,
    token_cache_action,
    price_service_tier as service_tier,
    if(
        pricing_status = 'provisioned',
        concat_ws('/', provider_name, model_name, 'provisioned'),
        null
    ) as capacity_reservation_id,
    if(pricing_status = 'provisioned', 'Used', null) as capacity_reservation_status,
    if(token_class = 'rest', 'Units', 'Tokens') as pricing_unit,
    quantity as pricing_quantity,
    coalesce(list_unit_price_usd, 0) as list_unit_price,
    coalesce(unit_price_usd, 0) as contracted_unit_price,
    if(token_class = 'rest', 'Units', 'Tokens') as consumed_unit,
    quantity as consumed_quantity,
    list_cost_usd as list_cost,
    contracted_cost_usd as contracted_cost,
    contracted_cost_usd as billed_cost,
    contracted_cost_usd as effective_cost
from {{ ref("int_token_classes_priced") }}

union all by name

select
    charge_kind,
    usage_date as start_date,
    usage_date + 1 as end_date,
    provider_name,
    team_id,
    model_name,
    'Usage' as charge_category,
    'Usage-Based' as charge_frequency,
    model_name || ', reserved throughput that served nothing' as charge_description,
    concat_ws('/', provider_name, model_name) as sku_id,
    'Provisioned Throughput' as sku_meter,
    concat_ws('/', provider_name, model_name, 'provisioned', 'rest') as sku_price_id,
    concat_ws('/', provider_name, model_name, 'provisioned') as capacity_reservation_id,
    'Unused' as capacity_reservation_status,
    'Units' as pricing_unit,
    cast(1 as decimal(38, 12)) as pricing_quantity,
    cast(sum(effective_cost_usd) as decimal(38, 12)) as list_unit_price,
    cast(sum(effective_cost_usd) as decimal(38, 12)) as contracted_unit_price,
    'Units' as consumed_unit,
    cast(1 as decimal(38, 12)) as consumed_quantity,
    cast(sum(effective_cost_usd) as decimal(38, 12)) as list_cost,
    cast(sum(effective_cost_usd) as decimal(38, 12)) as contracted_cost,
    cast(sum(effective_cost_usd) as decimal(38, 12)) as billed_cost,
    cast(sum(effective_cost_usd) as decimal(38, 12)) as effective_cost
from {{ ref("fct_charges_hourly") }}
where charge_kind = 'cloud_idle'
group by charge_kind, usage_date, provider_name, team_id, model_name
