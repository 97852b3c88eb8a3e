"""What forecasts of VRAM, power and pools read, on a company small enough to count by hand."""

from decimal import Decimal

import pytest
from warehouse_factory import DAY, Company

# Whole pico-dollars of each hour against those of each day.
A_ROUNDING = Decimal("0.000000001")


def test_power_is_that_of_all_gpus_held_though_only_some_hours_were_measured(
    company: Company,
) -> None:
    # qwen holds two GPUs for 48 hours: 24 measured at 400 W, two at 200 W, the rest taken as those
    watts = company.value(
        "select power_watts from intermediate.int_gpu_telemetry_daily "
        "where usage_date = ? and model_name = 'qwen'",
        DAY.date(),
    )
    assert watts == pytest.approx((24 * 400 + 2 * 200) / 26 * 2)


def test_what_was_not_measured_is_not_known_and_not_zero(company: Company) -> None:
    rows = company.query(
        "select power_watts, memory_used_bytes from intermediate.int_gpu_telemetry_daily "
        "where model_name = 'tune'"
    )
    assert rows == [(None, None)]


def test_a_pool_has_its_hours_in_service_and_what_was_held_of_them(company: Company) -> None:
    rows = company.query(
        "select pool_id, capacity_gpu_hours::int, held_gpu_hours::double "
        "from intermediate.int_gpu_pools_daily where usage_date = ? order by pool_id",
        DAY.date(),
    )
    capacities = {pool: capacity for pool, capacity, _ in rows}
    assert capacities == {"H100": 72, "host-a": 48, "host-b": 24}
    held = {pool: hours for pool, _, hours in rows}
    # training held its GPU for 80 minutes
    assert held["host-b"] == pytest.approx(80 / 60)
    assert held["H100"] == pytest.approx(held["host-a"] + held["host-b"])
    coming = company.query(
        "select count(*), min(capacity_gpu_hours)::int, count(held_gpu_hours) "
        "from intermediate.int_gpu_pools_daily where pool_id = 'host-a' "
        "and usage_date > (select max(usage_date) from intermediate.int_days_covered)"
    )
    assert coming == [(90, 48, 0)]


def test_what_is_known_of_own_gpus_is_what_their_hours_cost_but_for_energy(
    company: Company,
) -> None:
    days = company.query(
        "select sum(known_cost_usd) from intermediate.int_own_gpu_costs_known "
        "group by usage_date order by usage_date"
    )
    booked = company.query(
        "select sum(amortized_cost_usd + lease_cost_usd + opex_cost_usd + overhead_cost_usd) "
        "from fct_gpu_hours group by usage_date order by usage_date"
    )
    assert len(booked) == 5
    assert len(days) == len(booked) + 90
    for (known,), (cost,) in zip(days, booked, strict=False):
        assert abs(known - cost) < A_ROUNDING
