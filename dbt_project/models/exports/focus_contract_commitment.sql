-- One row per quota and period, purchase of credits, and contract of prices: FOCUS 1.4 Contract
-- Commitment. A quota is an entitlement in a currency of its own: tokens, requests, GPU hours.
with
    quotas as (
        select
            quota_id,
            measure,
            period_kind,
            scope_kind,
            scope_id,
            only_provider_name,
            only_model_name,
            period_start_date,
            period_end_date,
            max(usage_date) as last_date,
            arg_max(quota_limit_value, usage_date) as limit_value,
            arg_max(quota_remaining_value, usage_date) as remaining_value
        from {{ ref("fct_quota_consumption_daily") }}
        where not is_rate
        group by all
    ),

    contracts as (
        select
            contract_id,
            service_provider_name,
            min(sku_price_effective_start) as start_date,
            max(coalesce(sku_price_effective_end, date '9999-12-31')) as end_date
        from {{ ref("dim_sku_prices") }}
        where contract_id is not null
        group by contract_id, service_provider_name
    ),

    commitments as (
        select
            concat_ws('/', 'quota', quota_id, period_start_date) as commitment_id,
            'quota/' || quota_id as contract_id,
            'Quota' as commitment_type,
            if(measure = 'usd', 'Spend', 'Usage') as category,
            'Entitlement' as benefit_category,
            'Negotiated' as offer_category,
            'Discontinuous' as model,
            quota_id || ', ' || replace(measure, '_', ' ') || ' a ' || period_kind as description,
            case
                period_kind
                when 'day'
                then 'Daily'
                when 'week'
                then 'Weekly'
                when 'month'
                then 'Monthly'
                when 'quarter'
                then 'Quarterly'
                when 'year'
                then 'Annual'
                else 'Full Period'
            end as fulfillment_interval,
            if(measure = 'usd', limit_value, null) as cost,
            if(measure = 'usd', null, limit_value) as quantity,
            case
                measure
                when 'usd'
                then null
                when 'requests'
                then 'Requests'
                when 'gpu_hours'
                then 'GPU-Hours'
                when 'gpus'
                then 'GPUs'
                else 'Tokens'
            end as unit,
            period_start_date as start_date,
            period_end_date as end_date,
            min(period_start_date) over (partition by quota_id) as contract_start_date,
            max(period_end_date) over (partition by quota_id) as contract_end_date,
            last_date + 1 as updated_date,
            remaining_value <= 0 as is_exhausted,
            case
                when
                    only_model_name is not null
                    or scope_kind not in ('organization', 'team', 'provider')
                then '{"IsComplexScope":true}'
                when scope_kind = 'team'
                then {{ focus_scope("SubAccountId", "scope_id") }}
                when coalesce(only_provider_name, nullif(scope_id, '')) is not null
                then
                    {{
                        focus_scope(
                            "ServiceProviderName", "coalesce(only_provider_name, scope_id)"
                        )
                    }}
                else '{"IsGlobalScope":true}'
            end as applicability,
            coalesce(
                only_provider_name, if(scope_kind = 'provider', scope_id, null), 'internal'
            ) as provider_name,
            'No Upfront' as payment_model
        from quotas

        union all by name

        select
            concat_ws('/', 'credit', credit_id, usage_date) as commitment_id,
            'credit/' || credit_id as contract_id,
            'Prepaid Credits' as commitment_type,
            'Usage' as category,
            'Entitlement' as benefit_category,
            'Negotiated' as offer_category,
            'Discontinuous' as model,
            purchased_credits || ' credits of ' || credit_id as description,
            'Full Period' as fulfillment_interval,
            purchased_cost_usd as cost,
            purchased_credits as quantity,
            'Credits' as unit,
            usage_date as start_date,
            date '9999-12-31' as end_date,
            min(usage_date) over (partition by credit_id) as contract_start_date,
            date '9999-12-31' as contract_end_date,
            usage_date as updated_date,
            false as is_exhausted,
            '{"IsComplexScope":true}' as applicability,
            credit_id as provider_name,
            'All Upfront' as payment_model
        from {{ ref("focus_credits_daily") }}
        where purchased_credits > 0

        union all by name

        select
            concat_ws('/', 'contract', service_provider_name, contract_id) as commitment_id,
            contract_id,
            'Negotiated Prices' as commitment_type,
            'Spend' as category,
            'Discount' as benefit_category,
            'Negotiated' as offer_category,
            'Continuous' as model,
            contract_id || ', prices of ' || service_provider_name as description,
            'Full Period' as fulfillment_interval,
            null as cost,
            null as quantity,
            null as unit,
            start_date,
            end_date,
            start_date as contract_start_date,
            end_date as contract_end_date,
            start_date as updated_date,
            false as is_exhausted,
            {{ focus_scope("ServiceProviderName", "service_provider_name") }} as applicability,
            service_provider_name as provider_name,
            'No Upfront' as payment_model
        from contracts
    ),

    days as (select max(usage_date) as last_date from {{ ref("fct_usage_hourly") }})

select
    'USD' as "BillingCurrency",
    commitments.applicability as "ContractCommitmentApplicability",
    commitments.benefit_category as "ContractCommitmentBenefitCategory",
    commitments.category as "ContractCommitmentCategory",
    cast(commitments.cost as decimal(38, 12)) as "ContractCommitmentCost",
    cast(commitments.start_date as timestamp) as "ContractCommitmentCreated",
    commitments.description as "ContractCommitmentDescription",
    cast(null as decimal(38, 12)) as "ContractCommitmentDiscountPercentage",
    commitments.end_date - commitments.start_date || ' Days' as "ContractCommitmentDurationType",
    commitments.fulfillment_interval as "ContractCommitmentFulfillmentInterval",
    commitments.commitment_id as "ContractCommitmentId",
    cast(
        greatest(commitments.start_date, commitments.updated_date) as timestamp
    ) as "ContractCommitmentLastUpdated",
    case
        when commitments.end_date <= days.last_date
        then 'Expired'
        when commitments.start_date > days.last_date
        then 'Pending'
        when commitments.is_exhausted
        then 'Exhausted'
        else 'Active'
    end as "ContractCommitmentLifecycleStatus",
    commitments.model as "ContractCommitmentModel",
    commitments.offer_category as "ContractCommitmentOfferCategory",
    'One-Time' as "ContractCommitmentPaymentInterval",
    commitments.payment_model as "ContractCommitmentPaymentModel",
    cast(commitments.end_date as timestamp) as "ContractCommitmentPeriodEnd",
    cast(commitments.start_date as timestamp) as "ContractCommitmentPeriodStart",
    cast(commitments.quantity as decimal(38, 12)) as "ContractCommitmentQuantity",
    commitments.commitment_type as "ContractCommitmentType",
    commitments.unit as "ContractCommitmentUnit",
    commitments.contract_id as "ContractId",
    cast(commitments.contract_end_date as timestamp) as "ContractPeriodEnd",
    cast(commitments.contract_start_date as timestamp) as "ContractPeriodStart",
    commitments.provider_name as "InvoiceIssuerName",
    commitments.provider_name as "ServiceProviderName"
from commitments
cross join days
