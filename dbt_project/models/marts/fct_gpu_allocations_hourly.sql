-- One row per hour, GPU and holder: what of the GPU's hour it held and what that cost.
-- Every part of the cost is split by the time held, in whole pico-dollars: the holders of an hour
-- sum to it.
{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook="{{ delete_rebuilt_dates(days_before=1, with_holes=true, follow_events=true, follow_gpus=true) }}",
    )
}}
{%- set rebuilt = is_rebuilt(
    "usage_date", days_before=1, with_holes=true, follow_events=true, follow_gpus=true
) %}
{%- set costs = ["amortized", "lease", "energy", "opex", "overhead"] %}
with
    holders as (select * from {{ ref("int_gpu_holders_hourly") }} where {{ rebuilt }}),

    gpu_hours as (select * from {{ ref("int_gpu_hours_costed") }} where {{ rebuilt }}),

    joined as (
        select
            holders.*,
            {% for cost in costs -%}
                gpu_hours.{{ cost }}_picousd as whole_{{ cost }}_picousd,
            {% endfor -%}
            holders.holder_kind || ' ' || holders.holder_id as holder_place
        from holders
        inner join
            gpu_hours
            on holders.gpu_uuid = gpu_hours.gpu_uuid
            and holders.hour_start_at = gpu_hours.hour_start_at
    ),

    split as (
        select
            joined.*,
            {% for cost in costs -%}
                {{
                    split_exactly(
                        "whole_" ~ cost ~ "_picousd",
                        "weight",
                        "gpu_uuid, hour_start_at",
                        "holder_place",
                    )
                }} as {{ cost }}_picousd,
            {% endfor -%}
            {{
                split_exactly(
                    "cast(1000000000000 as hugeint)",
                    "weight",
                    "gpu_uuid, hour_start_at",
                    "holder_place",
                )
            }} as gpu_picohours
        from joined
    )

select
    hour_start_at,
    usage_date,
    gpu_uuid,
    host_name,
    holder_kind,
    holder_id,
    deployment_id,
    job_id,
    workload,
    model_name,
    team_id,
    allocation_status,
    idle_cause,
    {{ usd("gpu_picohours") }} as gpu_hours,
    {{ usd("amortized_picousd") }} as amortized_cost_usd,
    {{ usd("lease_picousd") }} as lease_cost_usd,
    {{ usd("energy_picousd") }} as energy_cost_usd,
    {{ usd("opex_picousd") }} as opex_cost_usd,
    {{ usd("amortized_picousd + lease_picousd + coalesce(energy_picousd, 0) + opex_picousd") }}
    as direct_cost_usd,
    {{ usd("overhead_picousd") }} as overhead_cost_usd
from split
