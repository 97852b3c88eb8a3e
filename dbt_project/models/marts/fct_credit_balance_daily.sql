-- One row per kind of prepaid credit and day, from its first purchase or use to the last day with
-- data. opening + purchased - used - expired = closing; use beyond the balance is overdrawn, apart.
-- Billed is what was paid on the day, effective what the day's use cost; over the life of the lots
-- billed = effective + expired cost + prepaid balance.
with
    lots as (select * from {{ ref("stg_ledger__credit_purchases") }}),

    uses as (select * from {{ ref("int_credit_uses") }}),

    burn as (select * from {{ ref("int_credit_burn") }}),

    calendar as (
        select max(last_date) as last_date
        from
            (
                select max(usage_date) as last_date
                from {{ ref("fct_bill_lines") }}
                union all
                select max(usage_date) as last_date
                from {{ ref("int_days_covered") }}
            ) as last_dates
    ),

    used_of_lots as (
        select
            purchase_id,
            sum(used_credits) as used_credits,
            sum(effective_cost_usd) as effective_cost_usd
        from burn
        where purchase_id is not null
        group by purchase_id
    ),

    changes as (
        select
            credit_id,
            purchased_date as usage_date,
            unit_count as purchased_credits,
            billed_cost_usd as purchased_cost_usd
        from lots
        union all by name
        select
            lots.credit_id,
            lots.expires_date as usage_date,
            lots.unit_count - coalesce(used_of_lots.used_credits, 0) as expired_credits,
            lots.billed_cost_usd - coalesce(used_of_lots.effective_cost_usd, 0) as expired_cost_usd
        from lots
        left join used_of_lots on lots.purchase_id = used_of_lots.purchase_id
        union all by name
        select
            credit_id,
            usage_date,
            case when purchase_id is not null then used_credits end as used_credits,
            case when purchase_id is null then used_credits end as overdrawn_credits,
            list_cost_usd,
            effective_cost_usd
        from burn
        union all by name
        select
            credit_id,
            usage_date,
            unrated_line_count,
            billed_cost_usd as used_billed_cost_usd,
            reported_effective_cost_usd
        from uses
    ),

    days as (
        select
            credit_id,
            cast(
                {{ days_between("min(usage_date)", "any_value(last_date)") }} as date
            ) as usage_date
        from changes
        cross join calendar
        group by credit_id
    ),

    daily as (
        select
            days.credit_id,
            days.usage_date,
            {% for column in [
                "purchased_credits",
                "used_credits",
                "expired_credits",
                "overdrawn_credits",
            ] -%}
                cast(coalesce(sum(changes.{{ column }}), 0) as decimal(38, 6)) as {{ column }},
            {% endfor -%}
            cast(coalesce(sum(changes.unrated_line_count), 0) as bigint) as unrated_line_count,
            {% for column in [
                "purchased_cost_usd",
                "used_billed_cost_usd",
                "list_cost_usd",
                "effective_cost_usd",
                "expired_cost_usd",
            ] -%}
                cast(coalesce(sum(changes.{{ column }}), 0) as decimal(38, 12)) as {{ column }},
            {% endfor -%}
            cast(
                sum(changes.reported_effective_cost_usd) as decimal(38, 12)
            ) as reported_effective_cost_usd
        from days
        left join
            changes on days.credit_id = changes.credit_id and days.usage_date = changes.usage_date
        group by days.credit_id, days.usage_date
    ),

    accumulated as (
        select
            *,
            sum(purchased_credits - used_credits - expired_credits) over until_now
            as closing_credits,
            sum(purchased_cost_usd - effective_cost_usd - expired_cost_usd) over until_now
            as prepaid_balance_usd
        from daily
        window until_now as (partition by credit_id order by usage_date)
    )

select
    credit_id,
    usage_date,
    cast(
        closing_credits - purchased_credits + used_credits + expired_credits as decimal(38, 6)
    ) as opening_credits,
    purchased_credits,
    used_credits,
    expired_credits,
    cast(closing_credits as decimal(38, 6)) as closing_credits,
    overdrawn_credits,
    unrated_line_count,
    cast(purchased_cost_usd + used_billed_cost_usd as decimal(38, 12)) as billed_cost_usd,
    list_cost_usd,
    effective_cost_usd,
    expired_cost_usd,
    cast(prepaid_balance_usd as decimal(38, 12)) as prepaid_balance_usd,
    reported_effective_cost_usd
from accumulated
