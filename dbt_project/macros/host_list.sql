-- What stands between brackets, such as 01-04,7, as a list. A range counts with the digits of its
-- first number.
{% macro numbers_of(spans) -%}
    flatten(
        list_transform(
            string_split({{ spans }}, ','),
            lambda span:if(
                coalesce(
                    try_cast(split_part(span, '-', 2) as bigint)
                    - try_cast(split_part(span, '-', 1) as bigint)
                    between 0 and 65535,
                    false
                ),
                list_transform(
                    range(
                        try_cast(split_part(span, '-', 1) as bigint),
                        try_cast(split_part(span, '-', 2) as bigint) + 1
                    ),
                    lambda number:lpad(
                        cast(number as varchar),
                        cast(
                            greatest(
                                length(split_part(span, '-', 1)), length(cast(number as varchar))
                            ) as integer
                        ),
                        '0'
                    )
                ),
                [span]
            )
        )
    )
{%- endmacro %}
