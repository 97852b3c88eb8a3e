-- One row per day, past and 90 to come, and day since which it is known: what own GPUs cost by
-- purchase, rent and running costs that the ledgers state, whether or not anybody uses them. Energy
-- and depreciation by units follow use and are not in it.
with
    days_covered as (select * from {{ ref("int_days_covered") }}),

    gpus as (select * from {{ ref("int_gpus_in_service") }}),

    periods as (select * from {{ ref("int_gpu_amortization_periods") }}),

    opex as (select * from {{ ref("stg_ledger__opex") }}),

    days as (
        select usage_date
        from days_covered
        union all
        select cast(max(usage_date) + cast(ahead.days_ahead as integer) as date) as usage_date
        from days_covered
        cross join unnest(range(1, 91)) as ahead(days_ahead)
        group by ahead.days_ahead
    ),

    serving as (
        select
            days.usage_date,
            gpus.gpu_uuid,
            gpus.host_name,
            coalesce(gpus.purchase_date, gpus.in_service_date) as known_date,
            if(
                gpus.acquisition_kind = 'purchase', 0, 24 * {{ picousd("gpus.hourly_price_usd") }}
            ) as lease_picousd
        from gpus
        inner join
            days
            on days.usage_date >= gpus.service_start_at
            and days.usage_date < gpus.service_end_at
    ),

    amortized as (
        select
            days.usage_date,
            greatest(
                coalesce(gpus.purchase_date, gpus.in_service_date),
                coalesce(periods.event_date, gpus.in_service_date - 36500)
            ) as known_date,
            {{
                whole_quotient(
                    "periods.amount_picousd * "
                    ~ hours_between(
                        "greatest(periods.started_at, cast(days.usage_date as timestamp))",
                        "least(periods.ended_at, days.usage_date + interval 1 day)",
                    ),
                    "periods.spread_hours",
                )
            }} as picousd
        from periods
        inner join gpus on periods.gpu_uuid = gpus.gpu_uuid
        inner join
            days
            on days.usage_date < periods.ended_at
            and days.usage_date + interval 1 day > periods.started_at
        where periods.amortization_method not like 'units_of_%' and periods.spread_hours > 0
    ),

    running as (
        select
            days.usage_date,
            opex.valid_from as known_date,
            {{
                whole_quotient(
                    picousd("opex.amount_usd_per_month"), "day(last_day(days.usage_date))"
                )
            }} as picousd
        from opex
        inner join days on {{ is_valid_at("days.usage_date", "opex") }}
        inner join
            serving
            on days.usage_date = serving.usage_date
            and coalesce(opex.host_name, serving.host_name) = serving.host_name
            and coalesce(nullif(opex.gpu_uuid, ''), serving.gpu_uuid) = serving.gpu_uuid
        group by days.usage_date, opex.opex_id, opex.valid_from, opex.amount_usd_per_month
    ),

    costs as (
        select usage_date, known_date, picousd
        from amortized
        union all
        select usage_date, known_date, picousd
        from running
        union all
        select usage_date, known_date, lease_picousd
        from serving
    )

select usage_date, known_date, {{ usd("sum(picousd)") }} as known_cost_usd
from costs
group by usage_date, known_date
