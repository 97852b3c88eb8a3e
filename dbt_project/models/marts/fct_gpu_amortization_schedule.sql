-- One row per purchased GPU and month of its life: opening book value + additions - charge -
-- disposals = closing book value. Months to come are in it where time alone decides the charge;
-- what is amortized by units is known through the last day with data.
with
    periods as (select * from {{ ref("int_gpu_amortization_periods") }}),

    units as (select * from {{ ref("int_gpu_units_hourly") }}),

    days as (select max(usage_date) as last_date from {{ ref("int_days_covered") }}),

    bounded as (
        select
            periods.*,
            periods.amortization_method like 'units_of_%' as is_by_units,
            case
                when periods.amount_picousd = 0
                then periods.started_at
                when periods.amortization_method like 'units_of_%'
                then
                    least(
                        periods.ended_at,
                        greatest(
                            periods.started_at, cast(days.last_date as timestamp) + interval 1 day
                        )
                    )
                else periods.ended_at
            end as charged_until_at
        from periods
        cross join days
    ),

    months as (
        select
            *,
            unnest(
                generate_series(
                    date_trunc('month', started_at),
                    greatest(
                        date_trunc('month', charged_until_at - interval 1 microsecond),
                        date_trunc('month', started_at)
                    ),
                    interval 1 month
                )
            ) as month_start_at
        from bounded
    ),

    cut as (
        select
            *,
            greatest(started_at, month_start_at) as from_at,
            least(charged_until_at, month_start_at + interval 1 month) as until_at
        from months
    ),

    counted as (
        select
            cut.*,
            coalesce(
                sum(units.units) filter (units.hour_start_at < cut.from_at), 0
            ) as units_before,
            coalesce(sum(units.units), 0) as units_until
        from cut
        left join
            units
            on cut.is_by_units
            and cut.gpu_uuid = units.gpu_uuid
            and cut.amortization_method = units.method
            and units.hour_start_at >= cut.started_at
            and units.hour_start_at < cut.until_at
        group by all
    ),

    charged as (
        select
            gpu_uuid,
            period_number,
            cast(month_start_at as date) as month_start_date,
            amortization_method,
            case
                when amount_picousd = 0 or until_at <= from_at
                then 0
                when is_by_units
                then
                    {{
                        produced_picousd(
                            "amount_picousd",
                            "units_until",
                            "expected_units",
                        )
                    }}
                    - {{
                        produced_picousd(
                            "amount_picousd",
                            "units_before",
                            "expected_units",
                        )
                    }}
                else
                    {{
                        whole_quotient(
                            "amount_picousd * " ~ hours_between("started_at", "until_at"),
                            "spread_hours",
                        )
                    }}
                    - {{
                        whole_quotient(
                            "amount_picousd * " ~ hours_between("started_at", "from_at"),
                            "spread_hours",
                        )
                    }}
            end as charge_picousd,
            case
                when month_start_at > started_at
                then 0
                when period_number = 0
                then book_picousd
                when event_kind = 'upgrade'
                then event_picousd
                else 0
            end as addition_picousd,
            if(
                month_start_at > started_at, 0, coalesce(disposed_book_picousd, 0)
            ) as disposal_picousd
        from counted
    ),

    summed as (
        select
            gpu_uuid,
            month_start_date,
            arg_max(amortization_method, period_number) as amortization_method,
            sum(addition_picousd) as addition_picousd,
            sum(charge_picousd) as charge_picousd,
            sum(disposal_picousd) as disposal_picousd
        from charged
        group by gpu_uuid, month_start_date
    ),

    balanced as (
        select
            *,
            sum(addition_picousd - charge_picousd - disposal_picousd) over (
                partition by gpu_uuid order by month_start_date rows unbounded preceding
            ) as closing_picousd
        from summed
    )

select
    gpu_uuid,
    month_start_date,
    amortization_method,
    {{ usd("closing_picousd - addition_picousd + charge_picousd + disposal_picousd") }}
    as opening_book_value_usd,
    {{ usd("addition_picousd") }} as additions_usd,
    {{ usd("charge_picousd") }} as amortized_cost_usd,
    {{ usd("disposal_picousd") }} as disposed_book_value_usd,
    {{ usd("closing_picousd") }} as closing_book_value_usd
from balanced
