-- One row per hour, GPU amortized by units of production and method: the units of that hour, and
-- those before it. GPU hours are what holders worked, in millionths; tokens are those of the models
-- that the GPU served, each model's split over its GPUs by the time they held it. What was produced
-- before the first day covered is unknown and counts as nothing.
with
    gpus as (select * from {{ ref("stg_ledger__gpus") }}),

    events as (select * from {{ ref("stg_ledger__gpu_asset_events") }}),

    holders as (select * from {{ ref("int_gpu_holders_hourly") }}),

    usage as (select * from {{ ref("fct_usage_hourly") }}),

    engines as (select * from {{ ref("int_engine_activity_hourly") }}),

    by_units as (
        select gpu_uuid, amortization_method as method
        from gpus
        where amortization_method like 'units_of_%'
        union
        select gpu_uuid, amortization_method as method
        from events
        where amortization_method like 'units_of_%'
    ),

    worked as (
        select
            usage_date,
            hour_start_at,
            gpu_uuid,
            'units_of_gpu_hours' as method,
            sum(weight) as weight
        from holders
        semi join by_units on holders.gpu_uuid = by_units.gpu_uuid
        where allocation_status = 'allocated'
        group by usage_date, hour_start_at, gpu_uuid
    ),

    serving as (
        select usage_date, hour_start_at, gpu_uuid, model_name, sum(weight) as weight
        from holders
        where
            allocation_status = 'allocated'
            and workload = 'inference'
            and exists (select 1 from by_units where method = 'units_of_tokens')
        group by usage_date, hour_start_at, gpu_uuid, model_name
    ),

    logged as (
        select hour_start_at, model_name, sum(total_tokens) as tokens
        from usage
        where is_self_hosted
        group by hour_start_at, model_name
    ),

    served as (
        select
            serving.usage_date,
            serving.hour_start_at,
            serving.gpu_uuid,
            {{
                split_exactly(
                    "coalesce(nullif(logged.tokens, 0),"
                    ~ " engines.prompt_tokens + engines.generation_tokens, 0)",
                    "serving.weight",
                    "serving.hour_start_at, serving.model_name",
                    "serving.gpu_uuid",
                )
            }} as tokens
        from serving
        left join
            logged
            on serving.hour_start_at = logged.hour_start_at
            and serving.model_name = logged.model_name
        left join
            engines
            on serving.hour_start_at = engines.hour_start_at
            and serving.model_name = engines.model_name
    ),

    counted as (
        select
            usage_date,
            hour_start_at,
            gpu_uuid,
            method,
            {{ whole_quotient("weight * 1000000", whole_gpu_hour()) }} as units
        from worked
        union all
        select
            usage_date,
            hour_start_at,
            gpu_uuid,
            'units_of_tokens' as method,
            cast(sum(tokens) as hugeint) as units
        from served
        group by usage_date, hour_start_at, gpu_uuid
    )

select
    counted.*,
    cast(
        sum(counted.units) over (
            partition by counted.gpu_uuid, counted.method
            order by counted.hour_start_at
            rows unbounded preceding
        )
        - counted.units as hugeint
    ) as units_before
from counted
inner join by_units on counted.gpu_uuid = by_units.gpu_uuid and counted.method = by_units.method
