-- One row per day from the first to the last day with usage or GPU telemetry, gaps included.
{{ config(materialized="table") }}
with
    days_with_data as (
        select min(usage_date) as first_date, max(usage_date) as last_date
        from {{ ref("int_usage_events_deduplicated") }}
        union all
        select min(usage_date) as first_date, max(usage_date) as last_date
        from {{ ref("int_gpu_utilization_hourly") }}
    ),

    span as (select min(first_date) as first_date, max(last_date) as last_date from days_with_data),

    days as (
        select cast({{ days_between("first_date", "last_date") }} as date) as usage_date from span
    )

select *
from days
