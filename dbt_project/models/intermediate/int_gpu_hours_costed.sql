-- One row per GPU and hour in service: depreciation or rent, energy and running costs in
-- pico-dollars. Energy that nothing measured is filled only where a ledger states how.
with
    gpu_hours as (select * from {{ ref("int_gpu_hours_spined") }}),

    amortization as (select * from {{ ref("int_gpu_amortization_hourly") }}),

    energy as (select * from {{ ref("int_gpu_energy_hourly") }}),

    opex as (select * from {{ ref("int_opex_hourly") }}),

    tariffs as (select * from {{ ref("int_electricity_tariffs_hourly") }}),

    statements as (select * from {{ ref("int_energy_statements_daily") }}),

    numbered as (
        select
            *,
            row_number() over (same_host order by gpu_uuid) - 1 as host_position,
            count(*) over same_host as host_gpus,
            row_number() over (same_hour order by gpu_uuid) - 1 as fleet_position,
            count(*) over same_hour as fleet_gpus
        from gpu_hours
        window
            same_host as (partition by usage_date, hour_start_at, host_name),
            same_hour as (partition by usage_date, hour_start_at)
    ),

    powered as (
        select
            numbered.*,
            energy.energy_joules,
            energy.covered_seconds,
            cast(
                (3600 - coalesce(energy.covered_seconds, 0))
                * cast(numbered.rated_power_watts as decimal(12, 3))
                * statements.assumed_power_ratio as decimal(38, 6)
            ) as filled_energy_joules,
            tariffs.tariff,
            statements.grams_co2e_per_kwh
        from numbered
        left join
            energy
            on numbered.gpu_uuid = energy.gpu_uuid
            and numbered.hour_start_at = energy.hour_start_at
        left join
            tariffs
            on numbered.hour_start_at = tariffs.hour_start_at
            and numbered.host_name = tariffs.host_name
        left join
            statements
            on numbered.usage_date = statements.usage_date
            and numbered.host_name = statements.host_name
    ),

    summed as (
        select *, {{ total_of(["energy_joules", "filled_energy_joules"]) }} as known_joules
        from powered
    ),

    costed as (
        select
            summed.*,
            if(
                amortization.gpu_uuid is null, 0, amortization.amortized_picousd
            ) as amortized_picousd,
            if(
                summed.acquisition_kind = 'purchase', 0, {{ picousd("summed.hourly_price_usd") }}
            ) as lease_picousd,
            {{
                energy_picousd(
                    "summed.known_joules",
                    "summed.tariff.power_usage_effectiveness_ratio",
                    "summed.tariff.price_usd_per_kwh",
                )
            }} as energy_picousd,
            cast(summed.known_joules as double)
            / 3600000
            * cast(summed.tariff.power_usage_effectiveness_ratio as double)
            * cast(summed.grams_co2e_per_kwh as double) as carbon_grams,
            coalesce(own_opex.opex_picousd, 0) + coalesce(
                {{
                    equal_part(
                        "host_opex.opex_picousd", "summed.host_position", "summed.host_gpus"
                    )
                }},
                0
            ) as opex_picousd,
            coalesce(
                {{
                    equal_part(
                        "fleet_opex.opex_picousd", "summed.fleet_position", "summed.fleet_gpus"
                    )
                }},
                0
            ) as overhead_picousd
        from summed
        left join
            amortization
            on summed.gpu_uuid = amortization.gpu_uuid
            and summed.hour_start_at = amortization.hour_start_at
        left join
            opex as own_opex
            on summed.hour_start_at = own_opex.hour_start_at
            and summed.gpu_uuid = own_opex.gpu_uuid
        left join
            opex as host_opex
            on summed.hour_start_at = host_opex.hour_start_at
            and summed.host_name = host_opex.host_name
            and host_opex.gpu_uuid = ''
        left join
            opex as fleet_opex
            on summed.hour_start_at = fleet_opex.hour_start_at
            and fleet_opex.host_name = ''
            and fleet_opex.gpu_uuid = ''
    )

select
    *,
    amortized_picousd + lease_picousd + coalesce(energy_picousd, 0) + opex_picousd as direct_picousd
from costed
