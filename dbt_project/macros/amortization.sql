-- Whole hours between two moments that lie on the hour.
{% macro hours_between(earlier, later) -%}
    date_diff('hour', {{ earlier }}, {{ later }})
{%- endmacro %}

-- Whole months and the part of one that is left, in thousandths: a weight, not a length of time.
{% macro millimonths_between(earlier, later) -%}
    {%- set months -%} date_sub('month', {{ earlier }}, {{ later }}) {%- endset -%}
    {%- set rest -%}
        date_sub('hour', {{ earlier }} + to_months(cast({{ months }} as integer)), {{ later }})
    {%- endset -%}
    greatest(0, {{ months }} * 1000 + cast({{ whole_quotient(rest ~ " * 1000", 744) }} as bigint))
{%- endmacro %}

-- What `units` of `expected_units` take of an amount: never more than all of it.
{% macro produced_picousd(amount, units, expected_units) -%}
    {{
        whole_quotient(
            "(" ~ amount ~ ") * least(" ~ units ~ ", " ~ expected_units ~ ")", expected_units
        )
    }}
{%- endmacro %}

-- The current year of each row of terms, as common table expressions that end in `charged`.
-- A year is what the method gives an amount to: the whole life (straight line), a year of the life
-- (declining balance, sum of digits), a calendar year (MACRS), all units (units of production).
-- Its amount lies evenly on its hours until it ends, the next event comes or service ends.
-- `terms` names the relation; events, gpus, rates and unit_marks are expressions beside it.
{% macro charged_years(terms) -%}
    clocked as (
        select
            terms.*,
            gpus.service_end_at,
            rates.rates,
            events.event_at as next_event_at,
            terms.method like 'macrs_%' as is_macrs,
            terms.method like 'units_of_%' as is_by_units,
            case
                when terms.method like 'macrs_%'
                then terms.year_index >= len(rates.rates)
                when terms.method like 'units_of_%'
                then false
                else terms.started_at >= terms.life_end_at
            end as is_past_life,
            case
                when terms.started_at >= gpus.service_end_at
                then 0
                when terms.method like 'macrs_%'
                then terms.book_picousd
                else greatest(terms.book_picousd - terms.residual_picousd, 0)
            end as depreciable_picousd
        from {{ terms }} as terms
        inner join gpus on terms.gpu_uuid = gpus.gpu_uuid
        left join rates on terms.method = rates.amortization_method
        left join
            events
            on terms.gpu_uuid = events.gpu_uuid
            and terms.event_number + 1 = events.event_number
    ),

    -- what no year is left for is charged in its first hour
    bounded as (
        select
            *,
            case
                when is_past_life
                then started_at
                when is_macrs
                then
                    greatest(
                        clock_start_at, date_trunc('year', clock_start_at) + to_years(year_index)
                    )
                when method in ('double_declining', 'sum_of_years_digits')
                then clock_start_at + to_months(12 * year_index)
                else clock_start_at
            end as year_start_at,
            case
                when is_past_life
                then started_at + interval 1 hour
                when is_macrs
                then date_trunc('year', clock_start_at) + to_years(year_index + 1)
                when is_by_units
                then timestamp '9999-12-31'
                when method in ('double_declining', 'sum_of_years_digits')
                then least(clock_start_at + to_months(12 * (year_index + 1)), life_end_at)
                else life_end_at
            end as year_end_at,
            greatest(0, clock_millimonths - 12000 * year_index) as millimonths_left
        from clocked
    ),

    -- an event in mid-year leaves the rest of that year its part of the year's weight
    weighed as (
        select
            *,
            {{ hours_between("year_start_at", "year_end_at") }} as year_hours,
            {{ hours_between("started_at", "year_end_at") }} as hours_left,
            case
                when is_past_life
                then 1
                when is_macrs
                then rates[year_index + 1]
                when method = 'sum_of_years_digits'
                then millimonths_left * least(12000, millimonths_left)
                else 1
            end as year_weight,
            case
                when is_past_life
                then 0
                when is_macrs
                then coalesce(list_sum(rates[year_index + 2:]), 0)
                when method = 'sum_of_years_digits'
                then
                    coalesce(
                        list_sum(
                            list_transform(
                                range(12000, millimonths_left, 12000),
                                lambda gone: (millimonths_left - gone)
                                * least(12000, millimonths_left - gone)
                            )
                        ),
                        0
                    )
                else 0
            end as later_weight
        from bounded
    ),

    amounted as (
        select
            *,
            cast(
                case
                    when method != 'double_declining' or year_end_at >= life_end_at
                    then
                        {{
                            whole_quotient(
                                "depreciable_picousd * cast(year_weight as hugeint) * hours_left",
                                "cast(year_weight as hugeint) * hours_left"
                                ~ " + cast(later_weight as hugeint) * year_hours",
                            )
                        }}
                    -- the balance of a year begun is already lower by what it has charged
                    when clock_millimonths * year_hours <= 24000 * (year_hours - hours_left)
                    then depreciable_picousd
                    else
                        least(
                            depreciable_picousd,
                            {{
                                whole_quotient(
                                    "book_picousd * 24000 * hours_left",
                                    "clock_millimonths * year_hours"
                                    ~ " - 24000 * (year_hours - hours_left)",
                                )
                            }}
                        )
                end as hugeint
            ) as amount_picousd,
            least(
                next_event_at,
                if(started_at < service_end_at, service_end_at, null),
                if(depreciable_picousd > 0, year_end_at, null)
            ) as stopped_at
        from weighed
    ),

    charged as (
        select
            amounted.*,
            unit_marks.units as units_at_stop,
            cast(
                case
                    when amounted.depreciable_picousd = 0 or amounted.stopped_at is null
                    then 0
                    when amounted.is_by_units
                    then
                        {{
                            produced_picousd(
                                "amounted.amount_picousd",
                                "unit_marks.units - amounted.units_at_start",
                                "amounted.expected_units",
                            )
                        }}
                    else
                        {{
                            whole_quotient(
                                "amounted.amount_picousd * "
                                ~ hours_between("amounted.started_at", "amounted.stopped_at"),
                                "amounted.hours_left",
                            )
                        }}
                end as hugeint
            ) as charged_picousd
        from amounted
        left join
            unit_marks
            on amounted.gpu_uuid = unit_marks.gpu_uuid
            and amounted.method = unit_marks.method
            and coalesce(amounted.stopped_at, timestamp '9999-12-31') = unit_marks.marked_at
    )
{%- endmacro %}

-- Units as whole numbers: tokens, or millionths of GPU hours; NULL for methods that count none.
{% macro expected_units(stated, method) -%}
    case
        when {{ stated }} is null
        then null
        when {{ method }} = 'units_of_tokens'
        then greatest(cast({{ stated }} as hugeint), 1)
        when {{ method }} = 'units_of_gpu_hours'
        then greatest(cast({{ stated }} * 1000000 as hugeint), 1)
    end
{%- endmacro %}
