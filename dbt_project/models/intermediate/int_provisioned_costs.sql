-- One row per event that a reservation served, with its exact share of what the hour cost: by
-- tokens, input and output alike.
with
    events as (select * from {{ ref("int_provisioned_events") }}),

    pools as (
        select
            provider_name,
            model_name,
            pool_start_at,
            sum(cost_picousd) as pool_picousd,
            string_agg(distinct reservation_id, ' ' order by reservation_id) as reservation_ids
        from {{ ref("int_provisioned_pools") }}
        where tokens > 0
        group by provider_name, model_name, pool_start_at
    ),

    parts as (select * from events unpivot (tokens for direction in (input_tokens, output_tokens))),

    split as (
        select
            parts.event_id,
            parts.direction,
            pools.reservation_ids,
            {{
                split_exactly(
                    "pools.pool_picousd",
                    "parts.tokens",
                    "parts.provider_name, parts.model_name, parts.pool_start_at",
                    "parts.event_id, parts.direction",
                )
            }} as part_picousd
        from parts
        inner join pools using (provider_name, model_name, pool_start_at)
    )

select
    event_id,
    max(reservation_ids) as reservation_ids,
    sum(part_picousd) filter (direction = 'input_tokens') as input_picousd,
    sum(part_picousd) filter (direction = 'output_tokens') as output_picousd
from split
group by event_id
