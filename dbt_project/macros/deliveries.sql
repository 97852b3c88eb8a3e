-- What a report said, and until when that was believed, as common table expressions that end in
-- `versions`. `scoped` names a relation with one row per delivered line:
-- delivery_scope (whose windows replace one another), window_start_at, folder, file_name,
-- file_sha256, delivered_at, line_number, record_id.
-- Files of one folder, each written within `delivery_gap_minutes` of the one before, are the
-- parts of one delivery; of one that was written again meanwhile the last content counts. A file
-- speaks for every window from its first to its last: a later
-- delivery replaces those lines, also the ones that it no longer has.
{% macro delivered_versions(scoped) -%}
    delivered_files as (
        select
            delivery_scope,
            folder,
            file_sha256,
            min(file_name) as file_name,
            max(delivered_at) as delivered_at,
            min(window_start_at) as first_window_at,
            max(window_start_at) as last_window_at
        from {{ scoped }}
        group by delivery_scope, folder, file_sha256
    ),

    gaps as (
        select
            *,
            delivered_at - lag(delivered_at) over in_time
            > to_minutes({{ var("delivery_gap_minutes") }}) as is_after_gap
        from delivered_files
        window in_time as (partition by delivery_scope, folder order by delivered_at, file_sha256)
    ),

    numbered as (
        select
            *,
            count(*) filter (is_after_gap) over (
                partition by delivery_scope, folder
                order by delivered_at, file_sha256
                rows unbounded preceding
            ) as delivery_number
        from gaps
    ),

    deliveries as (
        select
            *,
            max(delivered_at) over (
                partition by delivery_scope, folder, delivery_number
            ) as believed_from_at
        from numbered
        qualify
            row_number() over (
                partition by delivery_scope, folder, delivery_number, file_name
                order by delivered_at desc, file_sha256 asc
            )
            = 1
    ),

    windows as (select distinct delivery_scope, file_sha256, window_start_at from {{ scoped }}),

    beliefs as (
        select
            windows.delivery_scope,
            windows.file_sha256,
            windows.window_start_at,
            own.delivery_number,
            own.believed_from_at,
            min(later.believed_from_at) as believed_to_at
        from windows
        inner join
            deliveries as own
            on windows.delivery_scope = own.delivery_scope
            and windows.file_sha256 = own.file_sha256
        left join
            deliveries as later
            on windows.delivery_scope = later.delivery_scope
            and windows.window_start_at between later.first_window_at and later.last_window_at
            and row(later.believed_from_at, later.folder) > row(own.believed_from_at, own.folder)
        group by all
    ),

    versions as (
        select lines.*, beliefs.delivery_number, beliefs.believed_from_at, beliefs.believed_to_at
        from {{ scoped }} as lines
        inner join
            beliefs
            on lines.delivery_scope = beliefs.delivery_scope
            and lines.file_sha256 = beliefs.file_sha256
            and lines.window_start_at = beliefs.window_start_at
        qualify
            row_number() over (
                partition by
                    lines.delivery_scope, lines.folder, beliefs.delivery_number, lines.record_id
                order by lines.delivered_at desc, lines.file_sha256 asc, lines.line_number asc
            )
            = 1
    )
{%- endmacro %}

-- The folder of a file: parts of one delivery lie together.
{% macro folder_of(file_name) -%} regexp_replace({{ file_name }}, '[^/]*$', '') {%- endmacro %}
