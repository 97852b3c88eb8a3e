-- Of several groupings of one window, such as by model and by project, one counts: they are the
-- same usage seen twice. Common table expressions that end in `grouped`: the rows with
-- `is_left_out`.
-- `rows` names a relation with sure_dimensions and dimensions, both '' where a source is not
-- grouped; `window_columns` tell its windows apart; `amount` is what groupings have in common.
-- Where two differ in a dimension that no result of a grouping lacks, they are two groupings. Where
-- they differ only in others, they are so if they sum to the same; else they are parts of one.
-- Of those that hold all, the one with a model or a line item counts, since nothing else has a
-- price, then the one with most dimensions.
{% macro one_grouping(rows, window_columns, amount) -%}
    {%- set alike = window_columns ~ ", sure_dimensions" -%}
    sets as (
        select
            *,
            coalesce(sum({{ amount }}) over (partition by {{ alike }}, dimensions), 0) as set_amount
        from {{ rows }}
    ),

    compared as (
        select
            *,
            first_value(dimensions) over fullest as fullest_dimensions,
            abs(set_amount - first_value(set_amount) over fullest)
            <= {{ var("agreement_ratio") }}
            * abs(first_value(set_amount) over fullest) as is_equal_to_fullest
        from sets
        window
            fullest as (
                partition by {{ alike }}
                order by {{ dimension_count("dimensions") }} desc, dimensions asc
            )
    ),

    repeats as (
        select *, dimensions != fullest_dimensions and is_equal_to_fullest as is_repeat
        from compared
    ),

    summed as (
        select
            *,
            coalesce(
                abs(sum({{ amount }}) filter (not is_repeat) over (partition by {{ alike }})), 0
            ) as grouping_amount
        from repeats
    ),

    complete as (
        select
            *,
            grouping_amount
            >= {{ var("whole_grouping_ratio") }}
            * max(grouping_amount) over (partition by {{ window_columns }}) as is_whole
        from summed
    ),

    chosen as (
        select
            *,
            first_value(sure_dimensions) over (
                partition by {{ window_columns }}
                order by
                    is_whole desc,
                    regexp_matches(sure_dimensions, '\b(model|line_item|description)\b') desc,
                    {{ dimension_count("sure_dimensions") }} desc,
                    sure_dimensions asc
            ) as chosen_dimensions
        from complete
    ),

    grouped as (
        select
            * exclude (
                set_amount,
                fullest_dimensions,
                is_equal_to_fullest,
                is_repeat,
                grouping_amount,
                is_whole,
                chosen_dimensions
            ),
            is_repeat or sure_dimensions != chosen_dimensions as is_left_out
        from chosen
    )
{%- endmacro %}

{% macro dimension_count(dimensions) -%}
    case when {{ dimensions }} = '' then 0 else len(string_split({{ dimensions }}, ' + ')) end
{%- endmacro %}
