-- One row per use (kind of credit, day, meter) and lot that paid for it. Uses draw on the lot that
-- expires first; a use that no lot covers is overdrawn: no purchase, unknown cost.
-- A lot that goes before others takes its uses in time order, whatever the others do; so lots are
-- served one after another, each from what the lots before it left.
with recursive
    uses as (
        select
            *,
            cast(used_credits * 1000000 as hugeint) as used_microcredits,
            row_number() over (
                partition by credit_id order by usage_date, service_provider_name, sku_id, used_unit
            ) as use_number
        from {{ ref("int_credit_uses") }}
        where used_credits > 0
    ),

    lots as (
        select *, cast(unit_count * 1000000 as hugeint) as lot_microcredits
        from {{ ref("stg_ledger__credit_purchases") }}
    ),

    served as (
        select
            credit_id,
            usage_date,
            use_number,
            cast(0 as bigint) as lot_number,
            cast(null as varchar) as purchase_id,
            cast(0 as hugeint) as taken_microcredits,
            cast(0 as hugeint) as taken_before_microcredits,
            used_microcredits as left_microcredits
        from uses
        union all
        select
            credit_id,
            usage_date,
            use_number,
            lot_number,
            purchase_id,
            taken_microcredits,
            taken_before_microcredits,
            left_microcredits - taken_microcredits as left_microcredits
        from
            (
                select
                    *,
                    least(
                        wanted_microcredits, lot_microcredits - taken_before_microcredits
                    ) as taken_microcredits
                from
                    (
                        select
                            *,
                            least(
                                coalesce(
                                    sum(wanted_microcredits) over (
                                        partition by credit_id
                                        order by use_number
                                        rows between unbounded preceding and 1 preceding
                                    ),
                                    0
                                ),
                                lot_microcredits
                            ) as taken_before_microcredits
                        from
                            (
                                select
                                    served.credit_id,
                                    served.usage_date,
                                    served.use_number,
                                    served.left_microcredits,
                                    lots.lot_number,
                                    lots.purchase_id,
                                    lots.lot_microcredits,
                                    case
                                        when
                                            served.usage_date >= lots.purchased_date
                                            and served.usage_date < lots.expires_date
                                        then served.left_microcredits
                                        else 0
                                    end as wanted_microcredits
                                from served
                                inner join
                                    lots
                                    on served.credit_id = lots.credit_id
                                    and served.lot_number + 1 = lots.lot_number
                            ) as wanted
                    ) as begun
            ) as taken
    ),

    overdrawn as (
        select *
        from served
        qualify row_number() over (partition by credit_id, use_number order by lot_number desc) = 1
    ),

    drawn as (
        select credit_id, use_number, purchase_id, taken_microcredits, taken_before_microcredits
        from served
        where taken_microcredits > 0
        union all
        select
            credit_id,
            use_number,
            null as purchase_id,
            left_microcredits as taken_microcredits,
            null as taken_before_microcredits
        from overdrawn
        where left_microcredits > 0
    ),

    priced as (
        select
            uses.credit_id,
            uses.usage_date,
            uses.service_provider_name,
            uses.sku_id,
            uses.used_unit,
            drawn.purchase_id,
            drawn.taken_microcredits,
            lots.list_price_usd_per_unit,
            -- cumulative floors: a lot that is used up has cost what was paid for it
            {{
                whole_quotient(
                    picousd("lots.billed_cost_usd")
                    ~ " * (drawn.taken_before_microcredits + drawn.taken_microcredits)",
                    "lots.lot_microcredits",
                )
            }}
            - {{
                whole_quotient(
                    picousd("lots.billed_cost_usd") ~ " * drawn.taken_before_microcredits",
                    "lots.lot_microcredits",
                )
            }} as effective_picousd
        from drawn
        inner join uses on drawn.credit_id = uses.credit_id and drawn.use_number = uses.use_number
        left join lots on drawn.purchase_id = lots.purchase_id
    )

select
    credit_id,
    usage_date,
    service_provider_name,
    sku_id,
    used_unit,
    purchase_id,
    cast(taken_microcredits * cast(0.000001 as decimal(6, 6)) as decimal(38, 6)) as used_credits,
    cast(
        taken_microcredits
        * cast(0.000001 as decimal(6, 6))
        * list_price_usd_per_unit as decimal(38, 12)
    ) as list_cost_usd,
    {{ usd("effective_picousd") }} as effective_cost_usd
from priced
