-- One row per calendar month, account and source of bills: metered against billed, and why not
-- equal.
-- gap = timing + volume + price + unexplained, to the pico-dollar.
-- timing: what the last day of one month lacks and the first day of the next has too much, or the
-- other way round; only where the bill charges by day.
-- volume: other tokens than metered, at the metered rate; price: the same tokens at another rate;
-- both only where the bill states tokens. What remains has no explanation here.
with
    metered as (select * from {{ ref("int_account_costs_daily") }}),

    tokens as (
        select usage_date, account_id, sum(input_tokens) + sum(output_tokens) as metered_tokens
        from {{ ref("int_usage_daily_by_source") }}
        where is_counted
        group by usage_date, account_id
    ),

    bills as (
        select
            usage_date, account_id, source, is_spread, has_other_currency, cost_usd, billed_tokens
        from {{ ref("int_bill_costs_daily") }}
        union all by name
        select
            usage_date,
            account_id,
            source,
            false as is_spread,
            bool_or(cost_usd is null) as has_other_currency,
            sum(cost_usd) as cost_usd
        from {{ ref("fct_provider_costs_daily") }}
        group by usage_date, account_id, source
    ),

    months as (
        select distinct date_trunc('month', usage_date) as month_start_at, account_id, source
        from bills
    ),

    days as (
        select usage_date, account_id, source
        from bills
        union
        select metered.usage_date, months.account_id, months.source
        from months
        inner join
            metered
            on months.account_id = metered.account_id
            and months.month_start_at = date_trunc('month', metered.usage_date)
    ),

    daily as (
        select
            days.usage_date,
            days.account_id,
            days.source,
            coalesce(bills.is_spread, false) as is_spread,
            coalesce(bills.has_other_currency, false) as has_other_currency,
            {{ picousd("coalesce(metered.cost_usd, 0)") }} as metered_picousd,
            coalesce(tokens.metered_tokens, 0) as metered_tokens,
            coalesce(metered.unpriced_tokens, 0) as unpriced_tokens,
            {{ picousd("coalesce(bills.cost_usd, 0)") }} as billed_picousd,
            bills.billed_tokens
        from days
        left join bills using (usage_date, account_id, source)
        left join metered using (usage_date, account_id)
        left join tokens using (usage_date, account_id)
    ),

    monthly as (
        select
            cast(date_trunc('month', usage_date) as date) as month_start_date,
            account_id,
            source,
            bool_or(is_spread) as is_spread,
            bool_or(has_other_currency) as has_other_currency,
            sum(metered_picousd) as metered_picousd,
            sum(metered_tokens) as metered_tokens,
            sum(unpriced_tokens) as unpriced_tokens,
            case
                when not bool_or(has_other_currency) then sum(billed_picousd)
            end as billed_picousd,
            sum(billed_tokens) as billed_tokens
        from daily
        group by cast(date_trunc('month', usage_date) as date), account_id, source
    ),

    -- both sides of each turn of a month: the gap of its last and of its first day
    turns as (
        select
            last_day.account_id,
            last_day.source,
            last_day.usage_date as last_date,
            last_day.billed_picousd - last_day.metered_picousd as before_picousd,
            first_day.billed_picousd - first_day.metered_picousd as after_picousd
        from daily as last_day
        inner join
            daily as first_day
            on last_day.account_id = first_day.account_id
            and last_day.source = first_day.source
            and first_day.usage_date = last_day.usage_date + 1
        where day(first_day.usage_date) = 1 and not (last_day.is_spread or first_day.is_spread)
    ),

    shifts as (
        select
            *,
            case
                when before_picousd < 0 and after_picousd > 0
                then - least(- before_picousd, after_picousd)
                when before_picousd > 0 and after_picousd < 0
                then least(before_picousd, - after_picousd)
                else 0
            end as shifted_picousd
        from turns
    ),

    moved as (
        select
            account_id,
            source,
            cast(date_trunc('month', last_date) as date) as month_start_date,
            shifted_picousd
        from shifts
        union all
        select
            account_id,
            source,
            last_date + 1 as month_start_date,
            - shifted_picousd as shifted_picousd
        from shifts
    ),

    timing as (
        select account_id, source, month_start_date, sum(shifted_picousd) as timing_picousd
        from moved
        group by account_id, source, month_start_date
    ),

    explained as (
        select
            monthly.*,
            billed_picousd - metered_picousd as gap_picousd,
            case
                when has_other_currency then null else coalesce(timing.timing_picousd, 0)
            end as timing_picousd,
            billed_tokens is not null and metered_tokens > unpriced_tokens as has_rate,
            case
                when has_rate
                then
                    {{
                        whole_quotient(
                            "(billed_tokens - metered_tokens) * metered_picousd",
                            "(metered_tokens - unpriced_tokens)",
                        )
                    }} - coalesce(timing.timing_picousd, 0)
                else 0
            end as volume_picousd
        from monthly
        left join timing using (account_id, source, month_start_date)
    ),

    parted as (
        select
            *,
            case
                when has_rate then gap_picousd - timing_picousd - volume_picousd else 0
            end as price_picousd
        from explained
    )

select
    month_start_date,
    account_id,
    source,
    cast(metered_tokens as bigint) as metered_tokens,
    cast(unpriced_tokens as bigint) as unpriced_tokens,
    cast(billed_tokens as bigint) as billed_tokens,
    {{ usd("metered_picousd") }} as metered_cost_usd,
    {{ usd("billed_picousd") }} as billed_cost_usd,
    {{ usd("gap_picousd") }} as gap_usd,
    {{ usd("timing_picousd") }} as timing_gap_usd,
    {{ usd("volume_picousd") }} as volume_gap_usd,
    {{ usd("price_picousd") }} as price_gap_usd,
    {{ usd("gap_picousd - timing_picousd - volume_picousd - price_picousd") }}
    as unexplained_gap_usd,
    has_other_currency
from parted
