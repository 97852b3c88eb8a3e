-- One row for each month: all GPUs together.
select
    month_start_date as month,
    count(*) as gpus,
    sum(opening_book_value_usd) as opening_usd,
    sum(additions_usd) as additions_usd,
    sum(amortized_cost_usd) as amortized_usd,
    sum(disposed_book_value_usd) as disposed_usd,
    sum(closing_book_value_usd) as closing_usd
from fct_gpu_amortization_schedule
where $host is null or gpu_uuid in (select gpu_uuid from dim_gpus where host_name = $host)
group by month
order by month
