-- Where every hour of a month in service is covered by data.
with
    hours as (
        select
            gpu_uuid,
            date_trunc('month', usage_date) as month_start_date,
            count(*) as hours,
            sum(amortized_cost_usd) as amortized_cost_usd
        from {{ ref("fct_gpu_hours") }}
        group by gpu_uuid, date_trunc('month', usage_date)
    ),

    gpus as (select * from {{ ref("int_gpus_in_service") }}),

    whole_months as (
        select hours.*
        from hours
        inner join gpus on hours.gpu_uuid = gpus.gpu_uuid
        where
            hours.hours = date_diff(
                'hour',
                greatest(hours.month_start_date, gpus.service_start_at),
                least(hours.month_start_date + interval 1 month, gpus.service_end_at)
            )
    )

select whole_months.gpu_uuid, whole_months.month_start_date
from whole_months
inner join
    {{ ref("fct_gpu_amortization_schedule") }} as schedule
    on whole_months.gpu_uuid = schedule.gpu_uuid
    and whole_months.month_start_date = schedule.month_start_date
where whole_months.amortized_cost_usd != schedule.amortized_cost_usd
