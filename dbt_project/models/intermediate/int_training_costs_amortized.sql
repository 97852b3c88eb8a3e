-- One row per day, serving model and team: the part of the training's cost that the fully loaded
-- view adds to its tokens. Everything that trained the named version before the ledger's day is
-- spread evenly over the months, and each day's part over the day's tokens. The charges do not
-- change: the training was paid when it ran.
with
    rules as (select * from {{ ref("stg_ledger__training_amortizations") }}),

    allocations as (
        select * from {{ ref("fct_gpu_allocations_hourly") }} where workload = 'training'
    ),

    days as (select * from {{ ref("int_days_covered") }}),

    usage as (
        select usage_date, model_name, team_id, sum(coalesce(total_tokens, 0)) as tokens
        from {{ ref("fct_usage_hourly") }}
        where is_self_hosted
        group by usage_date, model_name, team_id
    ),

    trained as (
        select
            rules.model_name,
            rules.trained_model_name,
            rules.valid_from,
            date_diff(
                'day',
                rules.valid_from,
                cast(rules.valid_from + to_months(cast(rules.months as integer)) as date)
            ) as life_days,
            {{ picousd("sum(allocations.direct_cost_usd)") }} as training_picousd
        from rules
        inner join
            allocations
            on rules.trained_model_name = allocations.model_name
            and allocations.usage_date < rules.valid_from
        group by rules.model_name, rules.trained_model_name, rules.valid_from, rules.months
    ),

    daily as (
        select
            days.usage_date,
            trained.model_name,
            sum(
                {{
                    equal_part(
                        "trained.training_picousd",
                        "date_diff('day', trained.valid_from, days.usage_date)",
                        "trained.life_days",
                    )
                }}
            ) as training_picousd
        from trained
        inner join
            days
            on date_diff('day', trained.valid_from, days.usage_date)
            between 0 and trained.life_days - 1
        group by days.usage_date, trained.model_name
    ),

    -- a day without tokens keeps its part: nobody's
    shares as (
        select
            daily.usage_date,
            daily.model_name,
            daily.training_picousd,
            coalesce(usage.team_id, 'unattributed') as team_id,
            case
                when sum(usage.tokens) over (partition by daily.usage_date, daily.model_name) > 0
                then usage.tokens
                else 1
            end as weight
        from daily
        left join
            usage on daily.usage_date = usage.usage_date and daily.model_name = usage.model_name
    )

select
    usage_date,
    model_name,
    team_id,
    {{ usd(split_exactly("training_picousd", "weight", "usage_date, model_name", "team_id")) }}
    as amortized_training_cost_usd
from shares
