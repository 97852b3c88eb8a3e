-- Four quarters make one GPU: nobody's part is counted twice and none is lost, in time or money.
{%- set costs = ["amortized", "lease", "energy", "opex", "overhead"] %}
with
    held as (
        select
            gpu_uuid,
            hour_start_at,
            {% for cost in costs -%} sum({{ cost }}_cost_usd) as {{ cost }}_cost_usd, {% endfor -%}
            sum(gpu_hours) as gpu_hours,
            min(gpu_hours) as least_gpu_hours,
            sum(direct_cost_usd) as direct_cost_usd
        from {{ ref("fct_gpu_allocations_hourly") }}
        group by gpu_uuid, hour_start_at
    ),

    whole as (select * from {{ ref("fct_gpu_hours") }})

select gpu_uuid, hour_start_at
from held
full join whole using (gpu_uuid, hour_start_at)
where
    held.gpu_hours is distinct from 1
    or held.least_gpu_hours < 0
    or held.direct_cost_usd is distinct from whole.allocated_cost_usd + whole.idle_cost_usd
    {% for cost in costs -%}
        or held.{{ cost }}_cost_usd is distinct from whole.{{ cost }}_cost_usd
    {% endfor %}
