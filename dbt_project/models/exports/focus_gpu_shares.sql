-- One row per day, GPU of a model that served, part of its cost, team, token direction and cache
-- action: GPUs sum to their cost, teams to theirs, tokens to what was counted. Input's cost is that
-- of its uncached tokens.
{{ config(materialized="ephemeral") }}
with
    parts as (select * from {{ ref("focus_gpu_parts") }} where is_shared),

    gpus as (
        select
            *,
            sum(part_picousd) over up_to_here as picousd_until,
            -- a GPU that costs nothing any more serves tokens all the same
            part_picousd + 1 as token_weight,
            sum(part_picousd + 1) over served_until as token_weight_until,
            sum(part_picousd + 1) over served as total_token_weight
        from parts
        window
            up_to_here as (
                partition by hour_start_at, model_name
                order by cost_part, gpu_uuid, holder_id
                rows unbounded preceding
            ),
            served_until as (
                partition by hour_start_at, model_name, cost_part = 'operation'
                order by gpu_uuid, holder_id
                rows unbounded preceding
            ),
            served as (partition by hour_start_at, model_name, cost_part = 'operation')
    ),

    classes as (
        select
            shares.hour_start_at,
            shares.model_name,
            shares.team_id,
            unnest(['Input', 'Input', 'Input', 'Output']) as token_direction,
            unnest(['Uncached', 'Read', 'Write', null]) as token_cache_action,
            unnest(
                [
                    coalesce(hours.input_tokens, 0)
                    - coalesce(hours.cache_read_input_tokens, 0)
                    - coalesce(hours.cache_write_input_tokens, 0),
                    coalesce(hours.cache_read_input_tokens, 0),
                    coalesce(hours.cache_write_input_tokens, 0),
                    coalesce(hours.output_tokens, 0)
                ]
            ) as tokens,
            unnest(
                [
                    {{ picousd("shares.input_cost_usd") }},
                    0,
                    0,
                    {{ picousd("shares.output_cost_usd") }}
                ]
            ) as class_picousd
        from {{ ref("fct_inference_shares_hourly") }} as shares
        left join
            {{ ref("fct_usage_hourly") }} as hours
            on hours.is_self_hosted
            and shares.hour_start_at = hours.hour_start_at
            and shares.model_name = hours.model_name
            and shares.team_id = hours.team_id
    ),

    users as (
        select
            *,
            sum(class_picousd) over (
                partition by hour_start_at, model_name
                order by team_id, token_direction, token_cache_action
                rows unbounded preceding
            ) as class_picousd_until,
            nullif(
                sum(class_picousd) over (partition by hour_start_at, model_name), 0
            ) as total_picousd
        from classes
        where class_picousd != 0 or tokens != 0
    ),

    fields as (
        select
            gpus.usage_date,
            gpus.gpu_uuid,
            gpus.holder_id,
            gpus.model_name,
            gpus.workload,
            gpus.cost_part,
            users.team_id,
            users.token_direction,
            users.token_cache_action,
            {{
                focus_cell(
                    "gpus.picousd_until",
                    "gpus.part_picousd",
                    "users.class_picousd_until",
                    "users.class_picousd",
                    "users.total_picousd",
                )
            }} as picousd,
            {{
                focus_cell(
                    "gpus.gpu_pico_hours",
                    "gpus.gpu_pico_hours",
                    "users.class_picousd_until",
                    "users.class_picousd",
                    "users.total_picousd",
                )
            }} as pico_hours,
            if(
                gpus.cost_part = 'operation',
                0,
                {{
                    whole_quotient(
                        "users.tokens * gpus.token_weight_until", "gpus.total_token_weight"
                    )
                }}
                - {{
                    whole_quotient(
                        "users.tokens * (gpus.token_weight_until - gpus.token_weight)",
                        "gpus.total_token_weight",
                    )
                }}
            ) as tokens
        from gpus
        inner join
            users
            on gpus.hour_start_at = users.hour_start_at
            and gpus.model_name = users.model_name
            and (gpus.cost_part != 'operation' or users.class_picousd != 0)
    )

select
    usage_date,
    gpu_uuid,
    holder_id,
    model_name,
    workload,
    cost_part,
    team_id,
    if(cost_part = 'operation', null, token_direction) as token_direction,
    if(cost_part = 'operation', null, token_cache_action) as token_cache_action,
    coalesce(sum(picousd), 0) as picousd,
    coalesce(sum(pico_hours), 0) as pico_hours,
    sum(tokens) as tokens
from fields
group by all
having coalesce(sum(picousd), 0) != 0 or sum(tokens) != 0
