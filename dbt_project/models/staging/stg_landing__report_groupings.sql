-- One row per file, day, operation and width of a provider's report: what it is grouped by.
-- Dimensions that a report is not grouped by are NULL in each of its results, and natural keys name
-- the others. Some may also be NULL in a report that is grouped by them, such as the user of a
-- service's key; `sure_dimensions` are without these.
{%- set sure = {
    "usage_events": ["model", "project_id", "batch", "context_window"],
    "provider_costs": ["line_item", "description", "project_id"],
} %}
{%- set of_every_result = ["object", "currency"] %}
with
    results as (
        select
            'usage_events' as table_name,
            source,
            file_sha256,
            date as usage_date,
            coalesce(operation_name, '') as operation_name,
            grain,
            regexp_replace(natural_key, '#[0-9a-f]+$', '') as natural_key
        from {{ source("landing", "usage_events") }}
        where source_role = 'provider_usage'
        union all
        select
            'provider_costs' as table_name,
            source,
            file_sha256,
            date as usage_date,
            '' as operation_name,
            '' as grain,
            regexp_replace(natural_key, '#[0-9a-f]+$', '') as natural_key
        from {{ source("landing", "provider_costs") }}
    ),

    named as (
        select
            * exclude (natural_key),
            case when json_valid(natural_key) then json_keys(natural_key, '$[2]') end as dimensions
        from results
    ),

    grouped as (
        select
            table_name,
            source,
            file_sha256,
            usage_date,
            operation_name,
            grain,
            list_distinct(flatten(list(dimensions))) as dimensions
        from named
        where dimensions is not null
        group by table_name, source, file_sha256, usage_date, operation_name, grain
    )

select
    * exclude (dimensions),
    array_to_string(
        list_sort(
            list_intersect(
                dimensions,
                case
                    table_name
                    {% for table, names in sure.items() %}
                        when '{{ table }}' then ['{{ names | join("', '") }}']
                    {% endfor %}
                end
            )
        ),
        ' + '
    ) as sure_dimensions,
    array_to_string(
        list_filter(
            list_sort(dimensions), lambda name:name not in ('{{ of_every_result | join("', '") }}')
        ),
        ' + '
    ) as dimensions
from grouped
