-- One row per account, source and day: what bills charge for models. A charge for longer than a
-- day is spread evenly, to the pico-dollar, over the days it is for. Other currencies count at the
-- rate of the day; without a rate they stay unknown. Tokens are those that the bill states.
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
            upper(billing_currency) as billing_currency,
            usage_date + cast(day_number as integer) as usage_date,
            day_count > 1 as is_spread,
            {{ equal_part(picousd("billed_cost"), "day_number", "day_count") }} as billed_picousd,
            case
                when lower(consumed_unit) in ('token', 'tokens')
                then
                    {{
                        equal_part(
                            "cast(consumed_quantity as hugeint)", "day_number", "day_count"
                        )
                    }}
            end as billed_tokens
        from spanned
        cross join unnest(range(day_count)) as days(day_number)
    ),

    converted as (
        select
            *,
            {{ in_usd(usd("billed_picousd"), "spread.billing_currency", "spread.usage_date") }}
            as billed_cost_usd
        from spread
    ),

    summed as (
        select
            usage_date,
            account_id,
            source,
            'bill' as source_role,
            bool_or(billed_cost_usd is null) as has_other_currency,
            bool_or(is_spread) as is_spread,
            cast(sum(billed_cost_usd) as decimal(38, 12)) as cost_usd,
            cast(sum(billed_tokens) as bigint) as billed_tokens
        from converted
        group by usage_date, account_id, source
    )

select *
from summed
