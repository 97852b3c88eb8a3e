-- One row per purchased GPU and hour in service that has something left to charge, with the charge.
with
    gpu_hours as (
        select * from {{ ref("int_gpu_hours_spined") }} where acquisition_kind = 'purchase'
    ),

    periods as (select * from {{ ref("int_gpu_amortization_periods") }}),

    units as (select * from {{ ref("int_gpu_units_hourly") }})

select
    gpu_hours.usage_date,
    gpu_hours.hour_start_at,
    gpu_hours.gpu_uuid,
    periods.amortization_method,
    case
        when periods.amortization_method like 'units_of_%' and periods.expected_units is null
        then null
        when periods.amortization_method like 'units_of_%'
        then
            coalesce(
                {{
                    produced_picousd(
                        "periods.amount_picousd",
                        "units.units_before + units.units - periods.units_at_start",
                        "periods.expected_units",
                    )
                }}
                - {{
                    produced_picousd(
                        "periods.amount_picousd",
                        "units.units_before - periods.units_at_start",
                        "periods.expected_units",
                    )
                }},
                0
            )
        else
            {{
                equal_part(
                    "periods.amount_picousd",
                    hours_between("periods.started_at", "gpu_hours.hour_start_at"),
                    "periods.spread_hours",
                )
            }}
    end as amortized_picousd
from gpu_hours
inner join
    periods
    on gpu_hours.gpu_uuid = periods.gpu_uuid
    and gpu_hours.hour_start_at >= periods.started_at
    and gpu_hours.hour_start_at < periods.ended_at
    and periods.amount_picousd > 0
left join
    units
    on periods.gpu_uuid = units.gpu_uuid
    and periods.amortization_method = units.method
    and gpu_hours.hour_start_at = units.hour_start_at
