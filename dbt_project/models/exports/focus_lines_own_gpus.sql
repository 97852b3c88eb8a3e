-- One row per day, GPU, holder, user and part of the cost of own GPUs. What the purchase paid for
-- is
-- billed 0; energy, running costs and rent are billed as they come; idle is unused capacity.
{{ config(materialized="ephemeral") }}
with
    unshared as (
        select
            if(allocation_status = 'idle', 'own_gpu_idle', 'own_gpu_allocated') as charge_kind,
            usage_date,
            gpu_uuid,
            holder_id,
            model_name,
            workload,
            if(allocation_status = 'idle', 'unattributed', team_id) as team_id,
            idle_cause,
            cost_part,
            sum(part_picousd) as picousd,
            sum(gpu_pico_hours) as pico_hours
        from {{ ref("focus_gpu_parts") }}
        where not is_shared
        group by all
    ),

    overhead as (
        select
            'own_gpu_overhead' as charge_kind,
            usage_date,
            gpu_uuid,
            '' as holder_id,
            '' as model_name,
            'unattributed' as team_id,
            'overhead' as cost_part,
            sum({{ picousd("overhead_cost_usd") }}) as picousd,
            sum(cast(gpu_hours * 1000000000000 as hugeint)) as pico_hours
        from {{ ref("fct_gpu_allocations_hourly") }}
        group by usage_date, gpu_uuid
    ),

    united as (
        select 'own_gpu_allocated' as charge_kind, *
        from {{ ref("focus_gpu_shares") }}
        union all by name
        from unshared
        union all by name
        from overhead
    ),

    measured as (
        select
            *,
            tokens is not null and cost_part != 'operation' as is_by_tokens,
            {{ usd("picousd") }} as cost_usd,
            if(cost_part = 'amortization', 0, {{ usd("picousd") }}) as paid_usd,
            -- the charge before it was split to teams
            if(
                tokens is not null, concat_ws('/', usage_date, gpu_uuid, holder_id, cost_part), null
            ) as split_origin_id
        from united
    ),

    apportioned as (
        select
            *,
            cast(sum(paid_usd) over of_the_origin as decimal(38, 12)) as split_origin_cost,
            -- for people: the money is already split
            if(
                sum(picousd) over of_the_origin = 0,
                1.0 / count(*) over of_the_origin,
                picousd / sum(picousd) over of_the_origin
            ) as split_ratio
        from measured
        window of_the_origin as (partition by split_origin_id)
    )

select
    lines.charge_kind,
    lines.usage_date as start_date,
    lines.usage_date + 1 as end_date,
    'self_hosted' as provider_name,
    lines.team_id,
    lines.model_name,
    'Usage' as charge_category,
    'Usage-Based' as charge_frequency,
    concat_ws(
        ', ',
        gpus.gpu_model,
        'GPU ' || lines.cost_part,
        case
            lines.charge_kind
            when 'own_gpu_idle'
            then 'idle: ' || replace(lines.idle_cause, '_', ' ')
            else lines.workload
        end,
        nullif(lines.model_name, '')
    ) as charge_description,
    lines.gpu_uuid as resource_id,
    gpus.host_name || '/' || gpus.gpu_index as resource_name,
    'GPU' as resource_type,
    'gpu/' || gpus.gpu_model as sku_id,
    case
        when lines.is_by_tokens then lines.token_direction || ' Tokens' else 'GPU Hours'
    end as sku_meter,
    concat_ws(
        '/',
        'gpu',
        gpus.gpu_model,
        lines.cost_part,
        lower(lines.token_direction),
        lower(lines.token_cache_action)
    ) as sku_price_id,
    gpus.gpu_model,
    lines.token_direction,
    lines.token_cache_action,
    lines.idle_cause,
    if(lines.cost_part = 'overhead', null, lines.gpu_uuid) as capacity_reservation_id,
    case
        when lines.cost_part = 'overhead'
        then null
        when lines.charge_kind = 'own_gpu_idle'
        then 'Unused'
        else 'Used'
    end as capacity_reservation_status,
    'Units' as pricing_unit,
    cast(if(lines.cost_usd < 0, -1, 1) as decimal(38, 12)) as pricing_quantity,
    abs(lines.cost_usd) as list_unit_price,
    abs(lines.cost_usd) as contracted_unit_price,
    if(lines.is_by_tokens, 'Tokens', 'GPU-Hours') as consumed_unit,
    if(
        lines.is_by_tokens, cast(lines.tokens as decimal(38, 12)), {{ usd("lines.pico_hours") }}
    ) as consumed_quantity,
    lines.cost_usd as list_cost,
    lines.cost_usd as contracted_cost,
    cast(lines.paid_usd as decimal(38, 12)) as billed_cost,
    lines.cost_usd as effective_cost,
    lines.split_origin_id,
    if(lines.split_origin_id is null, null, lines.split_origin_cost) as split_origin_cost,
    if(
        lines.split_origin_id is null, null, cast(greatest(lines.split_ratio, 0) as decimal(18, 12))
    ) as split_ratio,
    lines.tokens as split_tokens
from apportioned as lines
left join {{ ref("dim_gpus") }} as gpus on lines.gpu_uuid = gpus.gpu_uuid
