-- Of every bought GPU, when the last whole month with data ended: what was paid and is not yet
-- cost.
-- Once it is sold or has no book value left, its billed costs sum to its effective ones.
with
    months as (
        select date_trunc('month', max(usage_date)) as known_until_at
        from {{ ref("fct_gpu_hours") }}
    ),

    exported as (
        select "ResourceId" as gpu_uuid, sum("BilledCost" - "EffectiveCost") as not_yet_cost_usd
        from {{ ref("focus_cost_and_usage_1_4") }}
        cross join months
        where "ResourceType" = 'GPU' and "ChargePeriodEnd" <= months.known_until_at
        group by "ResourceId"
    ),

    booked as (
        select gpu_uuid, arg_max(closing_book_value_usd, month_start_date) as book_value_usd
        from {{ ref("fct_gpu_amortization_schedule") }}
        cross join months
        where month_start_date < months.known_until_at
        group by gpu_uuid
    )

select gpu_uuid, exported.not_yet_cost_usd, booked.book_value_usd
from exported
inner join booked using (gpu_uuid)
where exported.not_yet_cost_usd != booked.book_value_usd
