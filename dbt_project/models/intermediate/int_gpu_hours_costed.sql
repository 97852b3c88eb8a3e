-- One row per GPU and hour in service: depreciation, energy and running costs in pico-dollars.
with
    gpu_hours as (select * from {{ ref("int_gpu_hours_spined") }}),

    energy as (select * from {{ ref("int_gpu_energy_hourly") }}),

    opex as (select * from {{ ref("int_opex_hourly") }}),

    tariffs as (select * from {{ ref("stg_ledger__electricity_tariffs") }}),

    -- the host's own tariff before the general one, the latest before earlier ones
    tariffed as (
        select
            gpu_hours.usage_date,
            gpu_hours.host_name,
            arg_max(
                tariffs, (tariffs.host_name is not null, tariffs.valid_from, tariffs.tariff_id)
            ) as tariff
        from (select distinct usage_date, host_name from gpu_hours) as gpu_hours
        inner join
            tariffs
            on (gpu_hours.host_name = tariffs.host_name or tariffs.host_name is null)
            and {{ is_valid_at("gpu_hours.usage_date", "tariffs") }}
        group by gpu_hours.usage_date, gpu_hours.host_name
    ),

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

    costed as (
        select
            gpu_hours.*,
            energy.energy_joules,
            energy.covered_seconds,
            {{ amortized_picousd("gpu_hours.hour_start_at", "gpu_hours") }} as amortized_picousd,
            {{
                energy_picousd(
                    "energy.energy_joules",
                    "tariffed.tariff.power_usage_effectiveness_ratio",
                    "tariffed.tariff.price_usd_per_kwh",
                )
            }} as energy_picousd,
            coalesce(
                {{ equal_part("host_opex.opex_picousd", "host_position", "host_gpus") }}, 0
            ) as opex_picousd,
            coalesce(
                {{ equal_part("fleet_opex.opex_picousd", "fleet_position", "fleet_gpus") }}, 0
            ) as overhead_picousd
        from numbered as gpu_hours
        left join
            energy
            on gpu_hours.gpu_uuid = energy.gpu_uuid
            and gpu_hours.hour_start_at = energy.hour_start_at
        left join
            tariffed
            on gpu_hours.usage_date = tariffed.usage_date
            and gpu_hours.host_name = tariffed.host_name
        left join
            opex as host_opex
            on gpu_hours.hour_start_at = host_opex.hour_start_at
            and gpu_hours.host_name = host_opex.host_name
        left join
            opex as fleet_opex
            on gpu_hours.hour_start_at = fleet_opex.hour_start_at
            and fleet_opex.host_name = ''
    )

select *
from costed
