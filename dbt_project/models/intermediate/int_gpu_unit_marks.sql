-- One row per GPU amortized by units, method and moment at which its terms can change: the units
-- produced until then.
{{ config(materialized="table") }}
with
    units as (select * from {{ ref("int_gpu_units_hourly") }}),

    gpus as (select * from {{ ref("int_gpus_in_service") }}),

    marks as (
        select gpu_uuid, service_start_at as marked_at
        from gpus
        union
        select gpu_uuid, service_end_at as marked_at
        from gpus
        union
        select gpu_uuid, timestamp '9999-12-31' as marked_at
        from gpus
        union
        select gpu_uuid, cast(event_date as timestamp) as marked_at
        from {{ ref("stg_ledger__gpu_asset_events") }}
    )

select
    marks.gpu_uuid,
    methods.method,
    marks.marked_at,
    cast(
        coalesce(sum(units.units) filter (units.hour_start_at < marks.marked_at), 0) as hugeint
    ) as units
from marks
cross join (values ('units_of_gpu_hours'), ('units_of_tokens')) as methods(method)
left join units on marks.gpu_uuid = units.gpu_uuid and methods.method = units.method
group by marks.gpu_uuid, methods.method, marks.marked_at
