-- One row per purchased GPU and stretch of its life in which an amount is spread evenly over hours
-- or over units: from its start until the method's year ends, an event comes or service ends.
-- Every row begins with the book value that the row before it left, so nothing before an event
-- changes when one is added.
{{ config(materialized="table") }}
with recursive
    gpus as (select * from {{ ref("int_gpus_in_service") }} where acquisition_kind = 'purchase'),

    events as (
        select
            asset_events.*,
            greatest(cast(asset_events.event_date as timestamp), gpus.service_start_at) as event_at
        from {{ ref("stg_ledger__gpu_asset_events") }} as asset_events
        inner join gpus on asset_events.gpu_uuid = gpus.gpu_uuid
    ),

    rates as (
        select
            amortization_method,
            list(cast(rate_ratio * 10000 as hugeint) order by recovery_year) as rates
        from {{ ref("macrs_rates") }}
        group by amortization_method
    ),

    unit_marks as (select * from {{ ref("int_gpu_unit_marks") }}),

    terms as (
        select
            gpus.gpu_uuid,
            cast(0 as bigint) as period_number,
            gpus.service_start_at as started_at,
            cast(0 as bigint) as event_number,
            gpus.amortization_method as method,
            gpus.service_start_at as clock_start_at,
            gpus.service_start_at
            + to_months(cast(gpus.useful_life_months as integer)) as life_end_at,
            cast(gpus.useful_life_months * 1000 as bigint) as clock_millimonths,
            cast(0 as bigint) as year_index,
            {{ picousd("gpus.purchase_price_usd") }} as book_picousd,
            {{ picousd("gpus.purchase_price_usd") }} as cost_picousd,
            {{ picousd("gpus.residual_value_usd") }} as residual_picousd,
            {{ expected_units("gpus.expected_units", "gpus.amortization_method") }}
            as expected_units,
            cast(0 as hugeint) as units_at_start,
            cast(null as hugeint) as disposed_cost_picousd,
            cast(null as hugeint) as disposed_book_picousd
        from gpus
        union all
        (
            with
                {{ charged_years("terms") }},

                ongoing as (
                    select
                        *,
                        book_picousd - charged_picousd as left_picousd,
                        coalesce(stopped_at = next_event_at, false) as is_event
                    from charged
                    where
                        stopped_at < timestamp '9999-12-31'
                        and (
                            next_event_at is not null
                            or (
                                stopped_at < service_end_at
                                and depreciable_picousd > charged_picousd
                            )
                        )
                ),

                -- what the event states; a new method, or a new life, starts the clock again
                stated as (
                    select
                        ongoing.*,
                        events.event_kind,
                        events.remaining_life_months,
                        coalesce(events.amortization_method, ongoing.method) as new_method,
                        events.amortization_method != ongoing.method
                        or (
                            events.remaining_life_months is not null and not ongoing.is_macrs
                        ) as is_clock_new,
                        {{ picousd("events.amount_usd") }} as event_picousd,
                        {{ picousd("events.residual_value_usd") }} as new_residual_picousd,
                        {{
                            expected_units(
                                "events.expected_units",
                                "coalesce(events.amortization_method, ongoing.method)",
                            )
                        }} as new_expected_units,
                        if(
                            events.event_kind = 'disposal',
                            cast(events.share_ratio * 1000000 as hugeint),
                            0
                        ) as disposed_ppm
                    from ongoing
                    left join
                        events
                        on ongoing.is_event
                        and ongoing.gpu_uuid = events.gpu_uuid
                        and ongoing.event_number + 1 = events.event_number
                ),

                parted as (
                    select
                        *,
                        coalesce(is_clock_new, false) as has_new_clock,
                        if(
                            remaining_life_months is not null,
                            stopped_at + to_months(cast(remaining_life_months as integer)),
                            life_end_at
                        ) as new_life_end_at,
                        {{ whole_quotient("left_picousd * disposed_ppm", 1000000) }}
                        as book_part_picousd,
                        {{ whole_quotient("cost_picousd * disposed_ppm", 1000000) }}
                        as cost_part_picousd,
                        {{ whole_quotient("residual_picousd * disposed_ppm", 1000000) }}
                        as residual_part_picousd,
                        if(event_kind = 'upgrade', event_picousd, 0) as added_picousd
                    from stated
                )

            select
                parted.gpu_uuid,
                parted.period_number + 1 as period_number,
                parted.stopped_at as started_at,
                parted.event_number + cast(parted.is_event as bigint) as event_number,
                parted.new_method as method,
                if(
                    parted.has_new_clock, parted.stopped_at, parted.clock_start_at
                ) as clock_start_at,
                parted.new_life_end_at as life_end_at,
                if(
                    parted.has_new_clock,
                    {{ millimonths_between("parted.stopped_at", "parted.new_life_end_at") }},
                    parted.clock_millimonths
                ) as clock_millimonths,
                case
                    when parted.has_new_clock
                    then 0
                    when parted.stopped_at = parted.year_end_at
                    then parted.year_index + 1
                    else parted.year_index
                end as year_index,
                parted.left_picousd
                - parted.book_part_picousd
                + parted.added_picousd as book_picousd,
                parted.cost_picousd
                - parted.cost_part_picousd
                + parted.added_picousd as cost_picousd,
                coalesce(
                    parted.new_residual_picousd,
                    parted.residual_picousd - parted.residual_part_picousd
                ) as residual_picousd,
                coalesce(
                    parted.new_expected_units,
                    if(
                        parted.new_method = parted.method and parted.expected_units is not null,
                        greatest(
                            parted.expected_units - (parted.units_at_stop - parted.units_at_start),
                            1
                        ),
                        null
                    )
                ) as expected_units,
                coalesce(begun.units, 0) as units_at_start,
                if(
                    parted.event_kind = 'disposal', parted.cost_part_picousd, null
                ) as disposed_cost_picousd,
                if(
                    parted.event_kind = 'disposal', parted.book_part_picousd, null
                ) as disposed_book_picousd
            from parted
            left join
                unit_marks as begun
                on parted.gpu_uuid = begun.gpu_uuid
                and parted.new_method = begun.method
                and parted.stopped_at = begun.marked_at
        )
    ),

    {{ charged_years("terms") }},

    described as (
        select
            charged.gpu_uuid,
            charged.period_number,
            charged.method as amortization_method,
            charged.started_at,
            coalesce(charged.stopped_at, timestamp '9999-12-31') as ended_at,
            charged.hours_left as spread_hours,
            charged.expected_units,
            charged.units_at_start,
            charged.amount_picousd,
            charged.charged_picousd,
            charged.cost_picousd,
            charged.book_picousd,
            charged.residual_picousd,
            begun_with.event_id,
            begun_with.event_kind,
            begun_with.event_date,
            {{ picousd("begun_with.amount_usd") }} as event_picousd,
            charged.disposed_cost_picousd,
            charged.disposed_book_picousd
        from charged
        left join
            events as begun_with
            on charged.gpu_uuid = begun_with.gpu_uuid
            and charged.event_number = begun_with.event_number
            and charged.started_at = begun_with.event_at
    )

select *
from described
