-- Hosts of a scheduler's list, such as gpu[01-04,7],login: a list of names. One pair of brackets in
-- a name is opened; a range counts with the digits of its first number.
{% macro hosts_of(host_list) -%}
    flatten(
        list_transform(
            regexp_extract_all({{ host_list }}, '(?:[^,\[]|\[[^\]]*\])+'),
            lambda entry:if(
                not contains(entry, '['),
                [trim(entry)],
                list_transform(
                    flatten(
                        list_transform(
                            string_split(regexp_extract(entry, '\[([^\]]*)\]', 1), ','),
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
                                                length(split_part(span, '-', 1)),
                                                length(cast(number as varchar))
                                            ) as integer
                                        ),
                                        '0'
                                    )
                                ),
                                [span]
                            )
                        )
                    ),
                    lambda part:trim(split_part(entry, '[', 1)) || part || split_part(entry, ']', 2)
                )
            )
        )
    )
{%- endmacro %}
