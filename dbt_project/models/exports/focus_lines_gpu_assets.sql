-- One row per purchase, upgrade and disposal of a GPU, and per month of amortization that no hour
-- with
-- data bears. With the charges of hours, billed less effective is the book value at any month's
-- end.
{{ config(materialized="ephemeral") }}
with
    gpus as (select * from {{ ref("dim_gpus") }}),

    days as (
        select max(usage_date) as last_date
        from
            (
                select usage_date
                from {{ ref("fct_gpu_hours") }}
                union all
                select usage_date
                from {{ ref("fct_usage_hourly") }}
            ) as covered
    ),

    purchases as (
        select
            gpu_uuid,
            'own_gpu_purchase' as charge_kind,
            purchase_date as start_date,
            purchase_date + 1 as end_date,
            'GPU purchase' as event_text,
            purchase_price_usd as billed_cost,
            0 as effective_cost
        from gpus
        where acquisition_kind = 'purchase'
    ),

    schedule as (
        select
            *,
            row_number() over (partition by gpu_uuid order by month_start_date)
            = 1 as is_first_month
        from {{ ref("fct_gpu_amortization_schedule") }}
    ),

    upgrades as (
        select
            schedule.gpu_uuid,
            'own_gpu_purchase' as charge_kind,
            schedule.month_start_date as start_date,
            cast(schedule.month_start_date + interval 1 month as date) as end_date,
            'GPU upgrade' as event_text,
            schedule.additions_usd
            - if(schedule.is_first_month, gpus.purchase_price_usd, 0) as billed_cost,
            0 as effective_cost
        from schedule
        inner join gpus on schedule.gpu_uuid = gpus.gpu_uuid
        where schedule.additions_usd > if(schedule.is_first_month, gpus.purchase_price_usd, 0)
    ),

    disposals as (
        select
            gpu_uuid,
            'own_gpu_disposal' as charge_kind,
            disposal_date as start_date,
            disposal_date + 1 as end_date,
            'GPU disposal: proceeds, and loss or gain' as event_text,
            - proceeds_usd as billed_cost,
            - gain_loss_usd as effective_cost
        from {{ ref("fct_gpu_disposals") }}
    ),

    borne as (
        select
            gpu_uuid,
            cast(date_trunc('month', usage_date) as date) as month_start_date,
            sum(amortized_cost_usd) as amortized_cost_usd
        from {{ ref("fct_gpu_hours") }}
        group by gpu_uuid, cast(date_trunc('month', usage_date) as date)
    ),

    -- the last month with data is not over: what no hour bears yet may still be borne
    unmeasured as (
        select
            schedule.gpu_uuid,
            'own_gpu_unmeasured' as charge_kind,
            schedule.month_start_date as start_date,
            cast(schedule.month_start_date + interval 1 month as date) as end_date,
            'GPU amortization of hours without data' as event_text,
            0 as billed_cost,
            schedule.amortized_cost_usd - coalesce(borne.amortized_cost_usd, 0) as effective_cost
        from schedule
        left join
            borne
            on schedule.gpu_uuid = borne.gpu_uuid
            and schedule.month_start_date = borne.month_start_date
        cross join days
        where
            schedule.month_start_date < date_trunc('month', days.last_date)
            and schedule.amortized_cost_usd != coalesce(borne.amortized_cost_usd, 0)
    ),

    united as (
        from purchases
        union all by name
        from upgrades
        union all by name
        from disposals
        union all by name
        from unmeasured
    ),

    costed as (
        select
            * replace (
                cast(billed_cost as decimal(38, 12)) as billed_cost,
                cast(effective_cost as decimal(38, 12)) as effective_cost
            ),
            cast(
                if(charge_kind = 'own_gpu_unmeasured', effective_cost, billed_cost) as decimal(
                    38, 12
                )
            ) as price_usd
        from united
        cross join days
        where start_date <= days.last_date
    )

select
    lines.charge_kind,
    lines.start_date,
    lines.end_date,
    'self_hosted' as provider_name,
    'unattributed' as team_id,
    '' as model_name,
    case
        lines.charge_kind
        when 'own_gpu_purchase'
        then 'Purchase'
        when 'own_gpu_disposal'
        then 'Adjustment'
        else 'Usage'
    end as charge_category,
    if(lines.charge_kind = 'own_gpu_unmeasured', 'Usage-Based', 'One-Time') as charge_frequency,
    gpus.gpu_model || ', ' || lines.event_text as charge_description,
    lines.gpu_uuid as resource_id,
    gpus.host_name || '/' || gpus.gpu_index as resource_name,
    'GPU' as resource_type,
    'gpu/' || gpus.gpu_model as sku_id,
    if(lines.charge_kind = 'own_gpu_unmeasured', 'GPU Months', 'GPUs') as sku_meter,
    concat_ws('/', 'gpu', gpus.gpu_model, lines.charge_kind) as sku_price_id,
    gpus.gpu_model,
    'Units' as pricing_unit,
    cast(if(lines.price_usd < 0, -1, 1) as decimal(38, 12)) as pricing_quantity,
    abs(lines.price_usd) as list_unit_price,
    abs(lines.price_usd) as contracted_unit_price,
    if(lines.charge_kind = 'own_gpu_unmeasured', 'Units', null) as consumed_unit,
    if(
        lines.charge_kind = 'own_gpu_unmeasured', cast(1 as decimal(38, 12)), null
    ) as consumed_quantity,
    lines.price_usd as list_cost,
    lines.price_usd as contracted_cost,
    lines.billed_cost,
    lines.effective_cost
from costed as lines
inner join gpus on lines.gpu_uuid = gpus.gpu_uuid
