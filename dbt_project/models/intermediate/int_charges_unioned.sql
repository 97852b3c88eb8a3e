-- One row per charge, not yet summed: a cloud request, an hour of reserved throughput that served
-- nothing, a team's share of a model's GPUs in an hour, what a job or a pod held of a GPU hour,
-- what
-- of it was idle, a GPU hour's overhead.
with
    events as (select * from {{ ref("fct_usage_events") }}),

    inference as (select * from {{ ref("int_inference_costs_split") }}),

    allocations as (select * from {{ ref("fct_gpu_allocations_hourly") }}),

    cloud as (
        select
            {{ hour_of("started_at") }} as hour_start_at,
            usage_date,
            'cloud_tokens' as charge_kind,
            provider_name,
            model_name,
            team_id,
            pricing_status,
            input_tokens,
            output_tokens,
            total_tokens,
            list_cost_usd,
            input_cost_usd,
            output_cost_usd,
            contracted_cost_usd as effective_cost_usd,
            reported_cost_usd
        from events
        where not is_self_hosted
    ),

    reserved as (
        select
            hour_start_at,
            usage_date,
            'cloud_idle' as charge_kind,
            provider_name,
            model_name,
            'unattributed' as team_id,
            'no_load' as idle_cause,
            'provisioned' as pricing_status,
            {{ usd("idle_picousd") }} as effective_cost_usd
        from {{ ref("int_provisioned_idle_hourly") }}
    ),

    served as (
        select
            hour_start_at,
            usage_date,
            'own_gpu_allocated' as charge_kind,
            'self_hosted' as provider_name,
            model_name,
            team_id,
            case when has_gpus then 'own_gpu' else 'unpriced' end as pricing_status,
            input_tokens,
            output_tokens,
            total_tokens,
            {{ usd("input_picousd") }} as input_cost_usd,
            {{ usd("output_picousd") }} as output_cost_usd,
            {{ usd("input_picousd + output_picousd") }} as effective_cost_usd,
            reported_cost_usd
        from inference
    ),

    trained as (
        select
            hour_start_at,
            usage_date,
            'own_gpu_allocated' as charge_kind,
            'self_hosted' as provider_name,
            model_name,
            coalesce(team_id, 'unattributed') as team_id,
            'own_gpu' as pricing_status,
            direct_cost_usd as effective_cost_usd
        from allocations
        where allocation_status = 'allocated' and workload is distinct from 'inference'
    ),

    idled as (
        select
            hour_start_at,
            usage_date,
            'own_gpu_idle' as charge_kind,
            'self_hosted' as provider_name,
            model_name,
            'unattributed' as team_id,
            idle_cause,
            'own_gpu' as pricing_status,
            direct_cost_usd as effective_cost_usd
        from allocations
        where allocation_status = 'idle'
    ),

    shared as (
        select
            hour_start_at,
            usage_date,
            'own_gpu_overhead' as charge_kind,
            'self_hosted' as provider_name,
            '' as model_name,
            'unattributed' as team_id,
            'own_gpu' as pricing_status,
            overhead_cost_usd as effective_cost_usd
        from allocations
    )

from cloud
union all by name
from reserved
union all by name
from served
union all by name
from trained
union all by name
from idled
union all by name
from shared
