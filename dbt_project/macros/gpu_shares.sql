-- Parts of a GPU are whole numbers of 1/63,000,000: sevenths and eighths (MIG slices), ninths and
-- millionths (shares of the ledger) are exact.
{% macro whole_gpu_parts() -%} 63000000 {%- endmacro %}

-- A GPU hour: the parts of a GPU x the microseconds of an hour.
{% macro whole_gpu_hour() -%} 226800000000000000 {%- endmacro %}

-- A MIG slice takes the larger of its parts of compute (7) and of memory (8), as it keeps others
-- from both: four 1g.20gb of 80 GB are one GPU, and so are seven 1g.10gb. AMD's partitions are
-- alike, and their mode (cpx) does not tell how many they are: that is what was read at once.
{% macro mig_parts(mig_profile, memory_gib, slice_count) -%}
    coalesce(
        greatest(
            try_cast(regexp_extract({{ mig_profile }}, '([0-9]+)g', 1) as bigint) * 9000000,
            cast(
                round(
                    8
                    * try_cast(regexp_extract({{ mig_profile }}, '([0-9]+)gb', 1) as bigint)
                    / {{ memory_gib }}
                ) as bigint
            )
            * 7875000
        ),
        case
            when regexp_full_match({{ mig_profile }}, '[a-z]px', 'i')
            then cast({{ whole_quotient(whole_gpu_parts(), slice_count) }} as bigint)
        end
    )
{%- endmacro %}

-- Microseconds that two half-open intervals share.
{% macro shared_microseconds(from_at, until_at, other_from_at, other_until_at) -%}
    greatest(
        date_diff(
            'microsecond',
            greatest({{ from_at }}, {{ other_from_at }}),
            least({{ until_at }}, {{ other_until_at }})
        ),
        0
    )
{%- endmacro %}
