-- One row per day and kind of prepaid credit that was bought, used, billed on use or expired; the
-- credit is the currency of the price, US dollars that of the bill.
{{ config(materialized="ephemeral") }}
with
    daily as (select * from {{ ref("focus_credits_daily") }}),

    lines as (
        select
            credit_id,
            usage_date,
            'credit_purchase' as charge_kind,
            'Purchase' as charge_category,
            'credits bought' as event_text,
            purchased_credits as credits,
            purchased_cost_usd as list_cost,
            purchased_cost_usd as contracted_cost,
            purchased_cost_usd as billed_cost,
            0 as effective_cost
        from daily
        where purchased_credits > 0

        union all by name

        select
            credit_id,
            usage_date,
            'credit_use' as charge_kind,
            'Usage' as charge_category,
            'credits used' as event_text,
            used_credits as credits,
            list_cost_usd as list_cost,
            effective_cost_usd as contracted_cost,
            0 as billed_cost,
            effective_cost_usd as effective_cost
        from daily
        where used_credits > 0

        union all by name

        select
            credit_id,
            usage_date,
            'credit_use' as charge_kind,
            'Usage' as charge_category,
            'use billed beside credits' as event_text,
            0 as credits,
            billed_cost_usd - purchased_cost_usd as list_cost,
            billed_cost_usd - purchased_cost_usd as contracted_cost,
            billed_cost_usd - purchased_cost_usd as billed_cost,
            billed_cost_usd - purchased_cost_usd as effective_cost
        from daily
        where billed_cost_usd != purchased_cost_usd

        union all by name

        select
            credit_id,
            usage_date,
            'credit_expiry' as charge_kind,
            'Usage' as charge_category,
            'credits expired unused' as event_text,
            expired_credits as credits,
            expired_cost_usd as list_cost,
            expired_cost_usd as contracted_cost,
            0 as billed_cost,
            expired_cost_usd as effective_cost
        from daily
        where expired_credits > 0
    )

select
    charge_kind,
    usage_date as start_date,
    usage_date + 1 as end_date,
    credit_id as provider_name,
    'unattributed' as team_id,
    '' as model_name,
    charge_category,
    if(charge_category = 'Purchase', 'One-Time', 'Usage-Based') as charge_frequency,
    credit_id || ', ' || event_text as charge_description,
    'credit/' || credit_id as sku_id,
    'Credits' as sku_meter,
    concat_ws('/', 'credit', credit_id, replace(event_text, ' ', '_')) as sku_price_id,
    credit_id as commitment_id,
    case
        when charge_category = 'Usage' then if(charge_kind = 'credit_expiry', 'Unused', 'Used')
    end as commitment_status,
    'Units' as pricing_unit,
    cast(1 as decimal(38, 12)) as pricing_quantity,
    cast(list_cost as decimal(38, 12)) as list_unit_price,
    cast(contracted_cost as decimal(38, 12)) as contracted_unit_price,
    if(charge_kind = 'credit_use', 'Credits', null) as consumed_unit,
    if(charge_kind = 'credit_use', cast(credits as decimal(38, 12)), null) as consumed_quantity,
    cast(list_cost as decimal(38, 12)) as list_cost,
    cast(contracted_cost as decimal(38, 12)) as contracted_cost,
    cast(billed_cost as decimal(38, 12)) as billed_cost,
    cast(effective_cost as decimal(38, 12)) as effective_cost,
    credit_id as pricing_currency,
    cast(credits as decimal(38, 12)) as pricing_currency_cost
from lines
