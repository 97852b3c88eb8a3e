-- One row per charge and day (of purchases the day, of amortization without data the month): FOCUS
-- 1.4 Cost and Usage. Usage without a known price has no row: FOCUS knows no unknown cost.
{{ config(materialized="table") }}
with
    lines as (
        from {{ ref("focus_lines_cloud") }}
        union all by name
        from {{ ref("focus_lines_own_gpus") }}
        union all by name
        from {{ ref("focus_lines_gpu_assets") }}
        union all by name
        from {{ ref("focus_lines_credits") }}
    ),

    teams as (select * from {{ ref("dim_teams") }}),

    dated as (
        select
            lines.*,
            teams.team_name,
            teams.cost_center,
            cast(lines.start_date as timestamp) as starts_at,
            cast(lines.end_date as timestamp) as ends_at,
            date_trunc('month', cast(lines.start_date as timestamp)) as month_at,
            strftime(lines.start_date, '%Y-%m') as month_text,
            {{
                focus_object(
                    {
                        "team": "lines.team_id",
                        "cost_center": "nullif(teams.cost_center, '')",
                    }
                )
            }} as owner_tags,
            concat_ws(
                '/', lines.team_id, lines.token_direction, lines.token_cache_action
            ) as user_id
        from lines
        left join teams on lines.team_id = teams.team_id
    )

select
    case
        when split_origin_id is not null
        then
            '{"Elements":[{"AllocatedRatio":'
            || split_ratio
            || if(split_tokens > 0, ',"UsageUnit":"Tokens","UsageQuantity":' || split_tokens, '')
            || '}]}'
    end as "AllocatedMethodDetails",
    if(split_origin_id is not null, 'inference-shares', null) as "AllocatedMethodId",
    if(split_origin_id is not null, user_id, null) as "AllocatedResourceId",
    if(split_origin_id is not null, coalesce(team_name, team_id), null) as "AllocatedResourceName",
    if(split_origin_id is not null, owner_tags, null) as "AllocatedTags",
    cast(null as varchar) as "AvailabilityZone",
    billed_cost as "BilledCost",
    provider_name as "BillingAccountId",
    provider_name as "BillingAccountName",
    case
        when starts_with(charge_kind, 'own_gpu')
        then 'Own Fleet'
        when starts_with(charge_kind, 'credit')
        then 'Prepaid Credits'
        else 'Provider'
    end as "BillingAccountType",
    'USD' as "BillingCurrency",
    month_at + interval 1 month as "BillingPeriodEnd",
    month_at as "BillingPeriodStart",
    capacity_reservation_id as "CapacityReservationId",
    capacity_reservation_status as "CapacityReservationStatus",
    charge_category as "ChargeCategory",
    cast(null as varchar) as "ChargeClass",
    charge_description as "ChargeDescription",
    charge_frequency as "ChargeFrequency",
    ends_at as "ChargePeriodEnd",
    starts_at as "ChargePeriodStart",
    if(commitment_id is not null, 'Usage', null) as "CommitmentDiscountCategory",
    commitment_id as "CommitmentDiscountId",
    commitment_id as "CommitmentDiscountName",
    if(commitment_id is not null, pricing_currency_cost, null) as "CommitmentDiscountQuantity",
    commitment_status as "CommitmentDiscountStatus",
    if(commitment_id is not null, 'Prepaid Credits', null) as "CommitmentDiscountType",
    if(commitment_id is not null, 'Credits', null) as "CommitmentDiscountUnit",
    cast(null as varchar) as "CommitmentProgramEligibilityDetails",
    consumed_quantity as "ConsumedQuantity",
    consumed_unit as "ConsumedUnit",
    cast(null as varchar) as "ContractApplied",
    contracted_cost as "ContractedCost",
    contracted_unit_price as "ContractedUnitPrice",
    effective_cost as "EffectiveCost",
    provider_name as "HostProviderName",
    concat_ws('/', provider_name, month_text, charge_category) as "InvoiceDetailId",
    concat_ws('/', provider_name, month_text) as "InvoiceId",
    provider_name as "InvoiceIssuerName",
    list_cost as "ListCost",
    list_unit_price as "ListUnitPrice",
    case
        when commitment_id is not null
        then 'Committed'
        when charge_kind = 'cloud_tokens'
        then 'Standard'
        else 'Other'
    end as "PricingCategory",
    coalesce(pricing_currency, 'USD') as "PricingCurrency",
    coalesce(pricing_currency_cost, contracted_unit_price) as "PricingCurrencyContractedUnitPrice",
    if(
        pricing_currency is null or charge_category = 'Purchase',
        effective_cost,
        pricing_currency_cost
    ) as "PricingCurrencyEffectiveCost",
    coalesce(pricing_currency_cost, list_unit_price) as "PricingCurrencyListUnitPrice",
    pricing_quantity as "PricingQuantity",
    pricing_unit as "PricingUnit",
    region_id as "RegionId",
    region_id as "RegionName",
    resource_id as "ResourceId",
    resource_name as "ResourceName",
    resource_type as "ResourceType",
    if(
        starts_with(charge_kind, 'own_gpu'), 'Compute', 'AI and Machine Learning'
    ) as "ServiceCategory",
    if(
        starts_with(charge_kind, 'own_gpu'), 'Own GPUs', concat_ws(' ', provider_name, 'models')
    ) as "ServiceName",
    provider_name as "ServiceProviderName",
    if(
        starts_with(charge_kind, 'own_gpu'), 'Other (Compute)', 'Generative AI'
    ) as "ServiceSubcategory",
    sku_id as "SkuId",
    sku_meter as "SkuMeter",
    {{
        focus_object(
            {
                "InstanceType": "gpu_model",
                "x_ModelId": "nullif(model_name, '')",
                "x_TokenDirection": "token_direction",
                "x_TokenCacheAction": "token_cache_action",
                "x_TokenClass": "token_class",
                "x_ServiceTier": "service_tier",
                "x_IdleCause": "idle_cause",
            }
        )
    }} as "SkuPriceDetails",
    sku_price_id as "SkuPriceId",
    team_id as "SubAccountId",
    coalesce(team_name, team_id) as "SubAccountName",
    'Team' as "SubAccountType",
    owner_tags as "Tags",
    charge_kind as "x_ChargeKind",
    split_origin_id as "x_SplitOriginId",
    split_origin_cost as "x_SplitOriginCost"
from dated
