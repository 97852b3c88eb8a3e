-- One row per day from the first to the last date, both included: a list to unnest.
{% macro days_between(first_date, last_date) -%}
    unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 day))
{%- endmacro %}

{% macro hour_of(moment) -%} date_trunc('hour', {{ moment }}) {%- endmacro %}

{% macro seconds_between(earlier, later) -%}
    (date_diff('microsecond', {{ earlier }}, {{ later }}) / 1000000)
{%- endmacro %}

-- First day of the period that holds a day; ISO weeks begin on Monday, rates begin anew each day,
-- and a contract is one period.
{% macro period_start(period_kind, day, contract_start) -%}
    cast(
        case
            {{ period_kind }}
            when 'week'
            then date_trunc('week', {{ day }})
            when 'month'
            then date_trunc('month', {{ day }})
            when 'quarter'
            then date_trunc('quarter', {{ day }})
            when 'year'
            then date_trunc('year', {{ day }})
            when 'contract'
            then {{ contract_start }}
            else {{ day }}
        end as date
    )
{%- endmacro %}

{% macro period_end(period_kind, period_start_date, contract_end) -%}
    cast(
        case
            {{ period_kind }}
            when 'week'
            then {{ period_start_date }} + interval 7 day
            when 'month'
            then {{ period_start_date }} + interval 1 month
            when 'quarter'
            then {{ period_start_date }} + interval 3 month
            when 'year'
            then {{ period_start_date }} + interval 1 year
            when 'contract'
            then {{ contract_end }}
            else {{ period_start_date }} + interval 1 day
        end as date
    )
{%- endmacro %}

-- The day of a time zone in which a moment of UTC falls.
{% macro local_date(moment, time_zone) -%}
    cast(timezone({{ time_zone }}, timezone('UTC', {{ moment }})) as date)
{%- endmacro %}

-- When a day of a time zone begins, in UTC.
{% macro local_midnight(day, time_zone) -%}
    timezone('UTC', timezone({{ time_zone }}, cast({{ day }} as timestamp)))
{%- endmacro %}

-- A ledger period is half-open and may be open at either end.
{% macro is_valid_at(moment, period) -%}
    (
        {{ moment }} >= {{ period }}.valid_from
        and ({{ moment }} < {{ period }}.valid_to or {{ period }}.valid_to is null)
    )
{%- endmacro %}

-- What a cumulative counter grew by; one that fell was reset and began again at 0.
{% macro counter_increase(current_value, previous_value) -%}
    case
        when {{ current_value }} >= {{ previous_value }}
        then {{ current_value }} - {{ previous_value }}
        when {{ current_value }} < {{ previous_value }}
        then {{ current_value }}
    end
{%- endmacro %}

-- Null-safe total of columns: NULL only if every one is NULL.
{% macro total_of(columns) -%}
    case
        when coalesce({{ columns | join(", ") }}) is not null
        then coalesce({{ columns | join(", 0) + coalesce(") }}, 0)
    end
{%- endmacro %}
