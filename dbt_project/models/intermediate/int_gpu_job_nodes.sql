-- One row per job and node of its list, such as rack[1-2]gpu[01-04,7],login, in the order in which
-- the scheduler counts them: the last brackets first. A range counts with the digits of its first
-- number.
{%- set first_brackets = "'^([^\\[]*)\\[([^\\]]*)\\](.*)$'" %}
with recursive
    jobs as (select * from {{ ref("int_gpu_jobs_owned") }}),

    entries as (
        select jobs.holder_id, jobs.started_at, entry.name, [entry.position] as path
        from jobs
        cross join unnest(regexp_extract_all(jobs.node_names, '(?:[^,\[]|\[[^\]]*\])+'))
        with ordinality as entry(name, position)
    ),

    opened as (
        select *
        from entries
        union all
        select
            opened.holder_id,
            opened.started_at,
            regexp_extract(opened.name, {{ first_brackets }}, 1)
            || number.name
            || regexp_extract(opened.name, {{ first_brackets }}, 3) as name,
            list_append(opened.path, number.position) as path
        from opened
        cross join
            unnest({{ numbers_of("regexp_extract(opened.name, " ~ first_brackets ~ ", 2)") }})
        with ordinality as number(name, position)
        where regexp_matches(opened.name, {{ first_brackets }})
    )

select
    holder_id,
    started_at,
    trim(name) as host_name,
    row_number() over (partition by holder_id, started_at order by path) as position,
    count(*) over (partition by holder_id, started_at) as node_count
from opened
where not regexp_matches(name, {{ first_brackets }})
