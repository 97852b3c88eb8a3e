-- Price and upgrades, charges and disposals lead from each period of a GPU's life to the next.
with
    periods as (
        select
            *,
            lag(book_picousd - charged_picousd) over (
                partition by gpu_uuid order by period_number
            ) as handed_over_picousd,
            lag(ended_at) over (partition by gpu_uuid order by period_number) as previous_ended_at
        from {{ ref("int_gpu_amortization_periods") }}
    )

select *
from periods
where
    charged_picousd is null
    or charged_picousd not between 0
    and amount_picousd
    or (period_number > 0 and previous_ended_at != started_at)
    or (
        period_number > 0
        and handed_over_picousd
        - coalesce(disposed_book_picousd, 0)
        + if(event_kind = 'upgrade', event_picousd, 0)
        is distinct from book_picousd
    )
