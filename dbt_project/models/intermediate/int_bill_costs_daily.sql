-- One row per account, source and day: what bills charge for models. A charge for longer than a
-- day is spread evenly, to the pico-dollar, over the days it is for.
with
    bill_lines as (select * from {{ ref("fct_bill_lines") }} where account_id is not null),

    spanned as (
        select
            *,
            greatest(
                date_diff(
                    'day', usage_date, cast(charge_period_end - interval 1 microsecond as date)
                )
                + 1,
                1
            ) as day_count
        from bill_lines
    ),

    spread as (
        select
            account_id,
            source,
            billing_currency,
            usage_date + cast(day_number as integer) as usage_date,
            {{ equal_part(picousd("billed_cost"), "day_number", "day_count") }} as billed_picousd
        from spanned
        cross join unnest(range(day_count)) as days(day_number)
    ),

    summed as (
        select
            usage_date,
            account_id,
            source,
            'bill' as source_role,
            bool_or(billing_currency != 'USD') as has_other_currency,
            {{ usd("sum(billed_picousd) filter (billing_currency = 'USD')") }} as cost_usd
        from spread
        group by usage_date, account_id, source
    )

select *
from summed
