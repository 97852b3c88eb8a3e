-- Every hour of every GPU's whole life through the macro that the marts use, past and to come.
with
    lives as (
        select distinct in_service_date, useful_life_hours, purchase_price_usd, residual_value_usd
        from {{ ref("stg_ledger__gpus") }}
    ),

    -- a day before and a day after the life as well: they must cost nothing
    hours as (
        select
            *,
            cast(in_service_date as timestamp)
            + to_hours(cast(unnest(range(-24, useful_life_hours + 24)) as integer)) as hour_start_at
        from lives
    ),

    charged as (
        select
            in_service_date,
            useful_life_hours,
            purchase_price_usd,
            residual_value_usd,
            {{ usd("sum(" ~ amortized_picousd("hour_start_at", "hours") ~ ")") }} as charged_usd
        from hours
        group by in_service_date, useful_life_hours, purchase_price_usd, residual_value_usd
    )

select *
from charged
where charged_usd != purchase_price_usd - residual_value_usd
