-- Every hour of every GPU's whole life as the marts cost it, past and to come; none is negative.
with
    periods as (
        select *
        from {{ ref("int_gpu_amortization_periods") }}
        where amount_picousd > 0 and amortization_method not like 'units_of_%'
    ),

    hours as (
        select
            *,
            unnest(range(cast({{ hours_between("started_at", "ended_at") }} as bigint))) as position
        from periods
    ),

    charged as (
        select
            gpu_uuid,
            period_number,
            any_value(charged_picousd) as charged_picousd,
            sum({{ equal_part("amount_picousd", "position", "spread_hours") }}) as spread_picousd,
            min({{ equal_part("amount_picousd", "position", "spread_hours") }}) as least_picousd
        from hours
        group by gpu_uuid, period_number
    )

select *
from charged
where spread_picousd != charged_picousd or least_picousd < 0
