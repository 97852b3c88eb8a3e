-- One row per day from the first to the last date, both included: a list to unnest.
{% macro days_between(first_date, last_date) -%}
    unnest(generate_series({{ first_date }}, {{ last_date }}, interval 1 day))
{%- endmacro %}

{% macro hour_of(moment) -%} date_trunc('hour', {{ moment }}) {%- endmacro %}

{% macro seconds_between(earlier, later) -%}
    (date_diff('microsecond', {{ earlier }}, {{ later }}) / 1000000)
{%- endmacro %}

-- First day of the period that holds a day; ISO weeks begin on Monday.
{% macro period_start(period_kind, day) -%}
    cast(
        case
            {{ period_kind }}
            when 'day'
            then {{ day }}
            when 'week'
            then date_trunc('week', {{ day }})
            when 'month'
            then date_trunc('month', {{ day }})
        end as date
    )
{%- endmacro %}

{% macro period_end(period_kind, period_start_date) -%}
    cast(
        case
            {{ period_kind }}
            when 'day'
            then {{ period_start_date }} + interval 1 day
            when 'week'
            then {{ period_start_date }} + interval 7 day
            when 'month'
            then {{ period_start_date }} + interval 1 month
        end as date
    )
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
