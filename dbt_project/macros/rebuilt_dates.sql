-- The days an incremental run rebuilds, resolved to literals so that DuckDB opens only the files
-- of those days. A day of samples also changes its neighbor: the interval that crosses midnight.
-- Arguments: days_before and days_after widen each touched day; with_holes adds days that the
-- calendar has and this table lacks; follow_events adds days that share an event or a trace with a
-- touched day, since a copy there may now be the one that counts; follow_gpus adds the days in
-- which jobs ran that began on a touched one or later, since an earlier job takes a GPU from them,
-- and, where GPUs are amortized by units, all later days, whose roundings follow from the units
-- before them.
-- Returns a list of ISO dates, or none when all is rebuilt.
{% macro rebuilt_dates(
    days_before=0,
    days_after=0,
    with_holes=false,
    follow_events=false,
    follow_gpus=false
) -%}
    {%- set touched_dates = source("state", "touched_dates") -%}
    {%- set every_day = ref("int_days_covered") if follow_gpus else none -%}
    {%- set jobs = source("landing", "gpu_jobs") if follow_gpus else none -%}
    {%- set gpus = ref("stg_ledger__gpus") if follow_gpus else none -%}
    {%- set asset_events = ref("stg_ledger__gpu_asset_events") if follow_gpus else none -%}
    {%- set calendar = ref("int_days_covered") if with_holes else none -%}
    {%- set copies = ref("int_client_log_copies") if follow_events else none -%}
    {%- set sharing = ref("int_days_sharing_requests") if follow_events else none -%}
    {%- set spans = ref("int_trace_spans") if follow_events else none -%}
    {%- if not (execute and is_incremental()) -%} {{ return(none) }} {%- endif -%}
    {%- set query -%}
        with
            {% if follow_gpus -%}
                jobs as (
                    select
                        date as job_date,
                        coalesce(
                            ended_at, started_at + to_seconds(coalesce(elapsed_seconds, 0))
                        ) as held_until_at
                    from {{ jobs }}
                ),
            {%- endif %}
            touched as (
                select event_date
                from {{ touched_dates }}
                {% if follow_events -%}
                    union
                    select distinct other_copies.usage_date as event_date
                    from {{ copies }} as touched_copies
                    inner join
                        {{ copies }} as other_copies
                        on touched_copies.family_id = other_copies.family_id
                    where touched_copies.usage_date in (select event_date from {{ touched_dates }})
                    union
                    select usage_date as event_date
                    from {{ sharing }}
                    union
                    select distinct other_spans.usage_date as event_date
                    from {{ spans }} as touched_spans
                    inner join
                        {{ spans }} as other_spans on touched_spans.trace_id = other_spans.trace_id
                    where touched_spans.usage_date in (select event_date from {{ touched_dates }})
                {%- endif %}
                {% if follow_gpus -%}
                    union
                    select
                        cast(
                            {{ days_between("min(job_date)", "cast(max(held_until_at) as date)") }}
                            as date
                        ) as event_date
                    from jobs
                    where
                        job_date >= (
                            select min(touched_jobs.job_date)
                            from jobs as touched_jobs
                            where
                                touched_jobs.job_date
                                in (select event_date from {{ touched_dates }})
                        )
                    having min(job_date) is not null
                    union
                    select every_day.usage_date as event_date
                    from {{ every_day }} as every_day
                    where
                        every_day.usage_date > (select min(event_date) from {{ touched_dates }})
                        and exists (
                            select 1
                            from {{ gpus }} as gpus
                            full join
                                {{ asset_events }} as asset_events
                                on gpus.gpu_uuid = asset_events.gpu_uuid
                            where
                                gpus.amortization_method like 'units_of_%'
                                or asset_events.amortization_method like 'units_of_%'
                        )
                {%- endif %}
            )
        select distinct cast(touched.event_date + cast(shift.days as integer) as date) as event_date
        from touched
        cross join unnest(range(-{{ days_before }}, {{ days_after }} + 1)) as shift(days)
        {% if with_holes -%}
            union
            select calendar.usage_date
            from {{ calendar }} as calendar
            where calendar.usage_date not in (select built.usage_date from {{ this }} as built)
        {%- endif %}
        order by 1
    {%- endset -%}
    {{ return(run_query(query).columns[0].values() | map("string") | list) }}
{%- endmacro %}

-- A predicate that keeps the rebuilt days of a date column, and everything on a full build.
{% macro is_rebuilt(
    date_column,
    days_before=0,
    days_after=0,
    with_holes=false,
    follow_events=false,
    follow_gpus=false
) -%}
    {%- set days = rebuilt_dates(
        days_before, days_after, with_holes, follow_events, follow_gpus
    ) -%}
    {%- if days is none -%} true
    {%- elif days | length == 0 -%} false
    {%- else -%} {{ date_column }} in (date '{{ days | join("', date '") }}')
    {%- endif -%}
{%- endmacro %}

-- Pre-hook: removes the rebuilt days in the transaction that appends them again, so a repeated or
-- killed run leaves the same rows, and a day that has become empty stays empty.
{% macro delete_rebuilt_dates(
    days_before=0, with_holes=false, follow_events=false, follow_gpus=false
) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where {{ is_rebuilt("usage_date", days_before, 0, with_holes, follow_events, follow_gpus) }}
    {%- endif -%}
{%- endmacro %}

-- The touched days themselves as literals, for `in (...)`; empty where there are none.
{% macro touched_dates() -%}
    {%- set touched_dates = source("state", "touched_dates") -%}
    {%- if not execute -%} {{ return("") }} {%- endif -%}
    {%- set days = run_query("select event_date from " ~ touched_dates ~ " order by 1") -%}
    {%- set literals = [] -%}
    {%- for day in days.columns[0].values() -%}
        {%- do literals.append("date '" ~ day ~ "'") -%}
    {%- endfor -%}
    {{ return(literals | join(", ")) }}
{%- endmacro %}

-- A model's table as the last build left it; none before the first build and on a full one.
{% macro last_build_of(model, schema) -%}
    {%- if not execute or flags.FULL_REFRESH -%} {{ return(none) }} {%- endif -%}
    {{ return(adapter.get_relation(target.database, schema, model)) }}
{%- endmacro %}
