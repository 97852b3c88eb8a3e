-- One row per kind of credit, day and meter with use that is paid in credits, as the last delivery
-- of its bill has it. Corrections net within their day and meter. Where neither the ledger nor the
-- line says what the use costs, its credits are unknown (NULL).
with
    bill_lines as (
        select
            bill_line_id,
            usage_date,
            service_provider_name,
            coalesce(sku_id, '') as sku_id,
            coalesce(consumed_quantity, pricing_quantity) as used_quantity,
            coalesce(consumed_unit, pricing_unit, '') as used_unit,
            -- FOCUS 1.2: cost in the virtual currency that the price is stated in
            try_cast(
                json_extract_string(extra, '$.PricingCurrencyEffectiveCost') as decimal(38, 6)
            ) as stated_credits,
            billed_cost,
            effective_cost
        from {{ ref("fct_bill_lines") }}
        where charge_category = 'Usage'
    ),

    rates as (select * from {{ ref("stg_ledger__credit_rates") }}),

    rated as (
        select
            bill_lines.*,
            rates.credit_id,
            case
                when rates.credits_per_unit is null
                then bill_lines.stated_credits
                else cast(bill_lines.used_quantity * rates.credits_per_unit as decimal(38, 6))
            end as used_credits
        from bill_lines
        inner join
            rates
            on bill_lines.service_provider_name = rates.service_provider_name
            and (rates.sku_id is null or bill_lines.sku_id = rates.sku_id)
            and {{ is_valid_at("bill_lines.usage_date", "rates") }}
        qualify
            row_number() over (
                partition by bill_lines.bill_line_id order by rates.sku_id asc nulls last
            )
            = 1
    ),

    summed as (
        select
            credit_id,
            usage_date,
            service_provider_name,
            sku_id,
            used_unit,
            count(*) filter (used_credits is null) as unrated_line_count,
            sum(used_quantity) as used_quantity,
            coalesce(sum(used_credits), 0) as used_credits,
            sum(billed_cost) as billed_cost_usd,
            sum(effective_cost) as reported_effective_cost_usd
        from rated
        group by credit_id, usage_date, service_provider_name, sku_id, used_unit
    )

select *
from summed
