with
    journal as (select * from {{ ref("fct_journal_daily") }}),

    unbalanced as (
        select 'a day and kind' as what, concat_ws(' ', usage_date, entry_kind) as row_name
        from journal
        group by usage_date, entry_kind
        having sum(debit_usd) != sum(credit_usd)
    ),

    booked as (
        select
            date_trunc('month', usage_date) as month_start,
            entry_kind = 'cloud_tokens' as is_cloud,
            sum(credit_usd) as booked_usd,
            count(distinct entry_kind) as kinds
        from journal
        group by date_trunc('month', usage_date), entry_kind = 'cloud_tokens'
    ),

    charged as (
        select
            date_trunc('month', usage_date) as month_start,
            charge_kind in ('cloud_tokens', 'cloud_idle') as is_cloud,
            sum(effective_cost_usd) as charged_usd
        from {{ ref("fct_charges_hourly") }}
        group by date_trunc('month', usage_date), charge_kind in ('cloud_tokens', 'cloud_idle')
    ),

    -- each kind is rounded once a month, so it is off by half a cent at most
    other_than_charged as (
        select 'a month' as what, concat_ws(' ', month_start, is_cloud) as row_name
        from charged
        left join booked using (month_start, is_cloud)
        where
            abs(charged.charged_usd - coalesce(booked.booked_usd, 0))
            > coalesce(booked.kinds, 1) * 0.005
    )

select *
from unbalanced
union all
select *
from other_than_charged
