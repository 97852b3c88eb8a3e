"""The questions that explaining a charge asks the published marts, as parameterized SQL.

No rule is here: the marts hold prices, weights and parts, and these queries only find them.
"""

from typing import Final

CHARGE: Final = "select * from fct_charges_hourly where charge_id = ?"

EVENT: Final = "select * from fct_usage_events where event_id = ?"

REQUEST_COST: Final = "select * from fct_request_costs where event_id = ?"

# Which charge an event is part of.
CHARGE_OF_EVENT: Final = """
select charges.charge_id
from fct_charges_hourly as charges
inner join fct_usage_events as events
    on charges.hour_start_at = date_trunc('hour', events.started_at)
    and charges.provider_name = events.provider_name
    and charges.model_name = events.model_name
    and charges.team_id = events.team_id
    and charges.charge_kind
    = if(events.is_self_hosted, 'own_gpu_allocated', 'cloud_tokens')
    and charges.pricing_status
    = if(events.is_self_hosted, 'own_gpu', events.pricing_status)
where events.event_id = ?
"""

CLOUD_EVENTS: Final = """
select *, count(*) over () as event_count
from fct_usage_events
where not is_self_hosted
    and date_trunc('hour', started_at) = $hour_start_at
    and provider_name = $provider_name
    and model_name = $model_name
    and team_id = $team_id
    and pricing_status = $pricing_status
order by contracted_cost_usd desc nulls last, event_id
"""

SHARE: Final = """
select * from fct_inference_shares_hourly
where hour_start_at = $hour_start_at and model_name = $model_name and team_id = $team_id
"""

TEAMS_OF_MODEL: Final = """
select sum(team_input_weight) as input_weight, sum(team_output_weight) as output_weight,
    sum(input_cost_usd) as input_cost_usd, sum(output_cost_usd) as output_cost_usd
from fct_inference_shares_hourly
where hour_start_at = $hour_start_at and model_name = $model_name
"""

REQUESTS: Final = """
select costs.effective_cost_usd, events.*, count(*) over () as event_count
from fct_request_costs as costs
inner join fct_usage_events as events using (event_id)
where costs.hour_start_at = $hour_start_at
    and costs.model_name = $model_name
    and costs.team_id = $team_id
order by costs.effective_cost_usd desc, event_id
"""

PRICE: Final = "select * from dim_prices where price_id = ?"

# Of the GPUs that worked, those that served a model are shared by teams, and each other one is its
# team's; a model that only GPUs outside the ledger serve is unpriced and has none.
GPU_HOURS: Final = """
select allocations.*, hours.asset_cost_usd, hours.energy_joules, hours.filled_energy_joules,
    hours.telemetry_coverage_ratio
from fct_gpu_allocations_hourly as allocations
inner join fct_gpu_hours as hours using (hour_start_at, gpu_uuid)
where hour_start_at = $hour_start_at
    and case $charge_kind
        when 'own_gpu_overhead' then true
        when 'own_gpu_idle'
        then allocations.allocation_status = 'idle'
            and allocations.model_name = $model_name
            and coalesce(allocations.idle_cause, '') = $idle_cause
        when 'own_gpu_served'
        then allocations.allocation_status = 'allocated'
            and allocations.model_name = $model_name
            and allocations.workload = 'inference'
        when 'own_gpu_worked'
        then allocations.allocation_status = 'allocated'
            and allocations.model_name = $model_name
            and allocations.workload is distinct from 'inference'
            and coalesce(allocations.team_id, 'unattributed') = $team_id
            and $pricing_status = 'own_gpu'
    end
order by gpu_uuid, holder_id
"""

GPU: Final = "select * from dim_gpus where gpu_uuid = ?"
