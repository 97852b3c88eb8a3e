-- OpenCost's specification, appendix A: a node of 35 USD with base prices of 30 for a GPU, 30 for a
-- CPU and 10 for memory costs 15, 15 and 5. `split_exactly` is the macro that splits all money.
with
    resources as (
        select *
        from
            (values ('cpu', 30, 15), ('gpu', 30, 15), ('memory', 10, 5)) as resources(
                resource_name, base_price, cost_usd
            )
    ),

    split as (
        select
            *, {{ split_exactly(picousd(35), "base_price", "35", "resource_name") }} as cost_picousd
        from resources
    )

select *
from split
where {{ usd("cost_picousd") }} != cost_usd
