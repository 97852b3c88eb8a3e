-- One row per day, whole years: from the first day with a charge or usage to a year after the last.
with
    known as (
        select min(usage_date) as first_date, max(usage_date) as last_date
        from
            (
                select usage_date
                from {{ ref("fct_usage_hourly") }}
                union all
                select usage_date
                from {{ ref("fct_charges_hourly") }}
            )
    ),

    days as (
        select
            cast(
                unnest(
                    generate_series(
                        date_trunc('year', first_date),
                        last_day(cast(date_trunc('year', last_date) as date) + interval 23 month),
                        interval 1 day
                    )
                ) as date
            ) as date_day
        from known
        where first_date is not null
    )

select
    date_day,
    year(date_day) as year_number,
    quarter(date_day) as quarter_number,
    month(date_day) as month_number,
    monthname(date_day) as month_name,
    cast(date_trunc('month', date_day) as date) as month_start_date,
    cast(date_trunc('week', date_day) as date) as week_start_date,
    week(date_day) as iso_week_number,
    day(date_day) as day_of_month_number,
    isodow(date_day) as day_of_week_number,
    dayname(date_day) as day_name,
    isodow(date_day) >= 6 as is_weekend
from days
