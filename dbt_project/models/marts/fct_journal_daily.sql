-- One row per day, kind of cost, account and cost center: lines in cents that balance.
-- Cents are the growth of the month's rounded total, so that the days of a month sum to its cost
-- to the cent. Debits go to cost centers as showback has them; the credit is their sum.
with
    gpu_hours as (select * from {{ ref("fct_gpu_hours") }}),

    showback as (select * from {{ ref("fct_showback_daily") }}),

    accounts as (select * from {{ ref("stg_ledger__journal_accounts") }}),

    costs as (
        select
            usage_date,
            'cloud_tokens' as entry_kind,
            'cloud_tokens' as book,
            sum(direct_cost_usd) as cost_usd
        from showback
        where charge_kind in ('cloud_tokens', 'cloud_idle')
        group by usage_date
        {% for entry_kind, cost in {
                "amortization": "amortized_cost_usd",
                "lease": "lease_cost_usd",
                "energy": "energy_cost_usd",
                "opex": "opex_cost_usd + overhead_cost_usd",
            }.items() %}
            union all
            select
                usage_date,
                '{{ entry_kind }}' as entry_kind,
                'own_gpu' as book,
                coalesce(sum({{ cost }}), 0) as cost_usd
            from gpu_hours
            group by usage_date
        {% endfor %}
    ),

    cumulated as (
        select
            usage_date,
            entry_kind,
            book,
            cast(round(sum(cost_usd) over of_month, 2) * 100 as hugeint) as cents_to_date
        from costs
        window
            of_month as (
                partition by entry_kind, date_trunc('month', usage_date)
                order by usage_date
                rows unbounded preceding
            )
    ),

    daily as (
        select
            usage_date,
            entry_kind,
            book,
            cents_to_date - coalesce(
                lag(cents_to_date) over (
                    partition by entry_kind, date_trunc('month', usage_date) order by usage_date
                ),
                0
            ) as cents
        from cumulated
    ),

    cost_centers as (
        select
            usage_date,
            if(charge_kind in ('cloud_tokens', 'cloud_idle'), 'cloud_tokens', 'own_gpu') as book,
            cost_center,
            {{ picousd("sum(showback_cost_usd)") }} as weight
        from showback
        group by
            usage_date,
            if(charge_kind in ('cloud_tokens', 'cloud_idle'), 'cloud_tokens', 'own_gpu'),
            cost_center
    ),

    debits as (
        select
            daily.usage_date,
            daily.entry_kind,
            cost_centers.cost_center,
            {{
                split_exactly(
                    "daily.cents",
                    "cost_centers.weight",
                    "daily.usage_date, daily.entry_kind",
                    "cost_centers.cost_center",
                )
            }} as cents
        from daily
        inner join
            cost_centers
            on daily.usage_date = cost_centers.usage_date
            and daily.book = cost_centers.book
        where daily.cents > 0 and cost_centers.weight > 0
    ),

    lines as (
        select usage_date, entry_kind, 'debit' as side, cost_center, cents
        from debits
        where cents > 0
        union all
        select usage_date, entry_kind, 'credit' as side, '' as cost_center, sum(cents) as cents
        from debits
        group by usage_date, entry_kind
    )

select
    lines.usage_date,
    lines.entry_kind,
    case
        lines.side
        when 'debit'
        then coalesce(accounts.debit_account, 'no account: ' || lines.entry_kind || ' debit')
        else coalesce(accounts.credit_account, 'no account: ' || lines.entry_kind || ' credit')
    end as account,
    lines.cost_center,
    cast(
        case when lines.side = 'debit' then lines.cents * 0.01 else 0 end as decimal(18, 2)
    ) as debit_usd,
    cast(
        case when lines.side = 'credit' then lines.cents * 0.01 else 0 end as decimal(18, 2)
    ) as credit_usd
from lines
left join accounts on lines.entry_kind = accounts.entry_kind
where lines.cents > 0
