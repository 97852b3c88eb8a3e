-- One row per day and host: what a GPU is taken to draw unmeasured, and the carbon of a
-- kilowatt-hour. A host's own statement goes before the general one, the later before the earlier.
with
    days as (select distinct usage_date, host_name from {{ ref("int_gpu_hours_spined") }}),

    fills as (select * from {{ ref("stg_ledger__energy_gap_fills") }}),

    grids as (select * from {{ ref("stg_ledger__grid_carbon_intensities") }})

select
    days.usage_date,
    days.host_name,
    arg_max(
        fills.assumed_power_ratio, (fills.host_name is not null, fills.valid_from)
    ) as assumed_power_ratio,
    arg_max(
        grids.grams_co2e_per_kwh, (grids.host_name is not null, grids.valid_from)
    ) as grams_co2e_per_kwh
from days
left join
    fills
    on (days.host_name = fills.host_name or fills.host_name is null)
    and {{ is_valid_at("days.usage_date", "fills") }}
left join
    grids
    on (days.host_name = grids.host_name or grids.host_name is null)
    and {{ is_valid_at("days.usage_date", "grids") }}
group by days.usage_date, days.host_name
