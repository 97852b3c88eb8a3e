-- One row per disposal of a GPU or a part of it: what left the books and what it brought.
with periods as (select * from {{ ref("int_gpu_amortization_periods") }})

select
    periods.event_id,
    periods.event_date as disposal_date,
    periods.gpu_uuid,
    gpus.host_name,
    {{ usd("periods.disposed_cost_picousd") }} as cost_basis_usd,
    {{ usd("periods.disposed_cost_picousd - periods.disposed_book_picousd") }}
    as accumulated_amortization_usd,
    {{ usd("periods.disposed_book_picousd") }} as book_value_usd,
    {{ usd("periods.event_picousd") }} as proceeds_usd,
    {{ usd("periods.event_picousd - periods.disposed_book_picousd") }} as gain_loss_usd
from periods
inner join {{ ref("stg_ledger__gpus") }} as gpus on periods.gpu_uuid = gpus.gpu_uuid
where periods.event_kind = 'disposal'
