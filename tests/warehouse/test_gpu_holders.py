"""Who holds a GPU hour and what it costs: shares, slices, pods, jobs, rents, tariffs, gaps."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from gpu_company import (
    DAY,
    JOBS,
    SUNDAY,
    TEN,
    job,
    keep_ledgers,
    land_jobs,
    land_requests,
    land_telemetry,
)
from warehouse_factory import Company, event, moment

HOUR = timedelta(hours=1)
FACTS = (
    "fct_gpu_allocations_hourly",
    "fct_gpu_hours",
    "fct_gpu_efficiency_hourly",
    "fct_gpu_job_costs",
    "fct_gpu_amortization_schedule",
    "fct_charges_hourly",
    "fct_inference_shares_hourly",
    "fct_request_costs",
)
ABOVE = (
    *(f"+{mart}" for mart in FACTS),
    "+fct_serving_configurations",
    "fct_trained_model_costs",
    "dim_deployments",
    "dim_gpus",
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    """The company after its first build, tests of the warehouse included."""
    company = Company.found(tmp_path_factory.mktemp("gpus"), project)
    keep_ledgers(company)
    land_requests(company)
    land_telemetry(company)
    land_jobs(company, "sacct.txt", JOBS)
    company.dbt(
        "build",
        "--exclude-resource-type",
        "unit_test",
        "--indirect-selection",
        "cautious",
        "--select",
        *ABOVE,
    )
    return company


def held(company: Company, uuid: str, at: datetime) -> dict[str, tuple[Any, ...]]:
    """Kind, GPU hours, status, cause and team by holder."""
    rows = company.query(
        "select holder_id, holder_kind, gpu_hours, allocation_status, idle_cause, team_id"
        " from fct_gpu_allocations_hourly where gpu_uuid = ? and hour_start_at = ?",
        uuid,
        at,
    )
    return {holder: rest for holder, *rest in rows}


def hours(company: Company, uuid: str, at: datetime) -> dict[str, Decimal]:
    return {holder: row[1] for holder, row in held(company, uuid, at).items()}


@pytest.mark.parametrize(
    ("uuid", "kind", "names"),
    [
        ("GPU-quarters", "deployment", [f"quarter-{number}" for number in range(4)]),
        ("GPU-pods", "pod", [f"ml/{pod}-0" for pod in "abcd"]),
    ],
)
def test_four_pods_of_a_quarter_make_one_gpu_hour(
    company: Company, uuid: str, kind: str, names: list[str]
) -> None:
    quarter = [kind, Decimal("0.25"), "allocated", None, None]
    assert held(company, uuid, TEN) == dict.fromkeys(names, quarter)
    costs = company.query(
        "select direct_cost_usd from fct_gpu_allocations_hourly"
        " where gpu_uuid = ? and hour_start_at = ?",
        uuid,
        TEN,
    )
    whole = company.value(
        "select allocated_cost_usd from fct_gpu_hours where gpu_uuid = ? and hour_start_at = ?",
        uuid,
        TEN,
    )
    assert sum(cost for (cost,) in costs) == whole
    assert max(costs)[0] - min(costs)[0] <= Decimal("0.000000000001")


def test_a_slice_takes_the_larger_of_its_parts_of_compute_and_memory(company: Company) -> None:
    found = hours(company, "GPU-mig", TEN)
    # 1g.20gb: a seventh of compute and a quarter of 80 GB; 2g.20gb: two sevenths and a quarter
    assert found["sliced"] == Decimal("0.25")
    assert abs(found["ml/other-7"] - Decimal(2) / 7) < Decimal("1e-11")
    assert sum(found.values()) == 1
    assert set(found) == {"sliced", "ml/other-7", ""}


def test_partitions_whose_mode_tells_no_size_are_equal_parts(company: Company) -> None:
    found = hours(company, "AMD-parts", TEN)
    assert set(found) == {"ml/a-0", "ml/b-0", ""}
    assert abs(found["ml/a-0"] - Decimal(1) / 6) < Decimal("1e-11")
    assert abs(found["ml/b-0"] - Decimal(1) / 6) < Decimal("1e-11")
    assert sum(found.values()) == 1


def test_telemetry_says_when_a_deployment_held_its_gpu_and_the_ledger_where_it_is_silent(
    company: Company,
) -> None:
    half = {"moved": Decimal("0.5"), "": Decimal("0.5")}
    assert hours(company, "GPU-moved", TEN) == half
    assert hours(company, "GPU-moved", TEN + HOUR) == {"": 1}
    assert hours(company, "GPU-moved", TEN + 2 * HOUR) == {"moved": 1}


def test_jobs_take_free_gpus_first_and_then_those_of_deployments(company: Company) -> None:
    # job 2 wants both; job 1 holds the second until a quarter to eleven
    assert hours(company, "GPU-node1", TEN) == {"hpc/1": Decimal("0.5"), "": Decimal("0.5")}
    assert hours(company, "GPU-node0", TEN) == {"hpc/2": Decimal("0.5"), "node": Decimal("0.5")}
    late = TEN.replace(hour=23)
    for at in (late, late + HOUR):
        assert hours(company, "GPU-node1", at) == {"hpc/3": Decimal("0.5"), "": Decimal("0.5")}


def test_a_job_is_paid_by_the_owner_that_fits_best_and_lost_jobs_have_no_cost(
    company: Company,
) -> None:
    assert company.query(
        "select job_id, team_id, workload, model_name, account_name, told_gpu_hours, gpu_hours,"
        " direct_cost_usd is null from fct_gpu_job_costs order by job_id"
    ) == [
        ("1", "red", "training", "tuned-v2", "lab", 0.5, Decimal("0.5"), False),
        ("2", None, None, "", "nobody", 1.0, Decimal("0.5"), False),
        ("3", "blue", "batch", "", "lab", 1.0, Decimal("1"), False),
        ("4", "blue", "batch", "", "lab", 8.0, Decimal("0"), True),
        ("6", "blue", "batch", "", "lab", 23.75, Decimal("23.75"), False),
    ]
    assert company.query(
        "select team_id, sum(effective_cost_usd) = (select sum(direct_cost_usd)"
        " from fct_gpu_job_costs where job_id = '1') from fct_charges_hourly"
        " where model_name = 'tuned-v2' and charge_kind = 'own_gpu_allocated' group by team_id"
    ) == [("red", True)]
    assert company.query("select model_name, job_count from fct_trained_model_costs") == [
        ("tuned-v2", 1)
    ]


def test_idle_hours_have_their_cause(company: Company) -> None:
    causes = {
        uuid: [next(iter(held(company, uuid, TEN + n * HOUR).values()))[3] for n in range(2)]
        for uuid in ("GPU-warm", "GPU-silent", "GPU-failing", "GPU-free")
    }
    assert causes == {
        "GPU-warm": ["keep_warm", "keep_warm"],
        "GPU-silent": ["no_load", "no_load"],
        # in the second hour one of two requests was answered
        "GPU-failing": ["failed_requests", None],
        "GPU-free": ["no_deployment", "no_deployment"],
    }


def test_failed_requests_cost_their_team_nothing_and_are_not_unpriced(company: Company) -> None:
    assert company.query(
        "select pricing_status, effective_cost_usd from fct_charges_hourly"
        " where model_name = 'model-failing' and charge_kind = 'own_gpu_allocated'"
        " and hour_start_at = ?",
        TEN,
    ) == [("own_gpu", Decimal(0))]


def test_a_rented_gpu_costs_its_rent_used_or_not(company: Company) -> None:
    assert company.query(
        "select distinct amortized_cost_usd, lease_cost_usd, asset_cost_usd, idle_cost_usd"
        " from fct_gpu_hours where gpu_uuid = 'GPU-rented'"
    ) == [(Decimal(0), Decimal("2.10"), Decimal("2.10"), Decimal("2.10"))]


def test_running_costs_reach_the_gpu_they_are_for(company: Company) -> None:
    # October has 744 hours; the rack is halved
    assert company.query(
        "select distinct gpu_uuid, opex_cost_usd from fct_gpu_hours"
        " where host_name = 'node01' order by 1"
    ) == [("GPU-node0", Decimal("0.5")), ("GPU-node1", Decimal("1.5"))]


def test_the_hour_that_clocks_show_twice_has_its_tariff_twice(company: Company) -> None:
    prices = company.query(
        "select hour(hour_start_at), energy_cost_usd from fct_gpu_hours"
        " where gpu_uuid = 'GPU-berlin' and usage_date = ? and energy_joules is not null"
        " and hour(hour_start_at) < 4 order by 1",
        SUNDAY.date(),
    )
    # two o'clock in Berlin begins at 00:00 and at 01:00 UTC; the general window loses to the host
    assert prices == [
        (0, Decimal("0.50")),
        (1, Decimal("0.50")),
        (2, Decimal("0.20")),
        (3, Decimal("0.20")),
    ]


def test_a_gap_is_filled_only_as_a_ledger_states_and_stays_apart(company: Company) -> None:
    ((measured, filled, cost, carbon, coverage),) = company.query(
        "select energy_joules, filled_energy_joules, energy_cost_usd, carbon_grams,"
        " telemetry_coverage_ratio from fct_gpu_hours"
        " where gpu_uuid = 'GPU-gap' and hour_start_at = ?",
        SUNDAY,
    )
    assert (measured, filled, coverage) == (200 * 1800, 441_000, 0.5)
    kwh = Decimal(200 * 1800 + 441_000) / 3_600_000
    assert abs(cost - kwh * Decimal("0.50")) < Decimal("1e-12")
    assert carbon == pytest.approx(float(kwh) * 400)
    assert company.query(
        "select distinct filled_energy_joules, energy_cost_usd from fct_gpu_hours"
        " where gpu_uuid = 'GPU-free'"
    ) == [(None, None)]


def test_efficiency_stands_beside_what_was_measured(company: Company) -> None:
    assert company.query(
        "select gpu_hours, sm_active_ratio, sm_active_coverage_ratio, tensor_active_ratio,"
        " productive_ratio, dram_active_ratio, dram_active_coverage_ratio, energy_joules,"
        " tokens_per_gpu_second, tokens_per_joule from fct_gpu_efficiency_hourly"
        " where holder_id = 'talk' and hour_start_at = ?",
        SUNDAY,
    ) == [(Decimal(1), 0.25, 1.0, 0.125, 0.5, None, 0.0, 3_600_000.0, 2.0, 0.002)]


def test_a_way_of_serving_is_weighed_by_what_it_held_of_shared_gpus(company: Company) -> None:
    # three hours with load: of a quarter, of a slice and then the whole, of halves that a pod that
    # came and went and a job left
    gpu_hours = {"quarter-0": 0.75, "quarter-3": 0.75, "sliced": 2.25, "moved": 1.5, "node": 2.5}
    rows = company.query(
        "select substr(model_name, 7), gpu_hours, cost_usd, tokens_per_gpu_second"
        " from fct_serving_configurations where basis = 'measured'"
    )
    found = {name: rest for name, *rest in rows if name in gpu_hours}
    assert {name: hours for name, (hours, _, _) in found.items()} == gpu_hours
    # 27,000 USD over the 26,304 hours of three years with a leap day
    hourly = Decimal(27_000) / 26_304
    cost_usd, rate = found["quarter-3"][1:]
    assert abs(cost_usd - hourly * 3 / 4) < Decimal("1e-11")
    assert rate == pytest.approx(30 / (0.75 * 3600))


def test_tokens_carry_the_price_of_a_gpu_amortized_by_them(company: Company) -> None:
    # 27,000 USD over 90,000 tokens
    assert company.query(
        "select hour_start_at, amortized_cost_usd from fct_gpu_hours"
        " where gpu_uuid = 'GPU-units' and amortized_cost_usd > 0 order by 1"
    ) == [(TEN, Decimal(9000)), (SUNDAY, Decimal("2.1"))]


@pytest.fixture(scope="module")
def grown(company: Company, tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, Company]:
    """Late tokens and a late job of one day: once by touched days, once from nothing."""
    grown = company.copied(tmp_path_factory.mktemp("grown") / "data")
    own = {"provider_name": "self_hosted", "response_model": "model-counted"}
    late = event("late", DAY, **own, uncached_input_tokens=59_998)
    grown.land("usage_events", "litellm", "late.jsonl", [late])
    # told again, longer; and one that runs into the next day
    again = job("3", "24 23:30", "25 01:00", 1)
    land_jobs(grown, "later.txt", [again, job("5", "24 20:00", "25 02:00", 2)])
    grown.touch([date(2026, 10, 24)])
    grown.dbt("run", "--select", *ABOVE)
    fresh = grown.copied(tmp_path_factory.mktemp("fresh") / "data")
    fresh.dbt("run", "--full-refresh", "--select", *ABOVE)
    return grown, fresh


@pytest.mark.parametrize("mart", FACTS)
def test_late_jobs_and_units_change_the_later_days_that_follow_from_them(
    grown: tuple[Company, Company], mart: str
) -> None:
    by_day, from_nothing = (one.rows(mart) for one in grown)
    assert by_day == from_nothing


def test_a_life_in_units_ends_at_its_residual(grown: tuple[Company, Company]) -> None:
    # 59,998 + 30,000 of 90,000: only two of the seven tokens are left to pay
    assert grown[0].query(
        "select hour_start_at, amortized_cost_usd from fct_gpu_hours"
        " where gpu_uuid = 'GPU-units' and amortized_cost_usd > 0 order by 1"
    ) == [(DAY, Decimal("17999.4")), (TEN, Decimal(9000)), (SUNDAY, Decimal("0.6"))]


def test_a_job_told_late_takes_the_gpu_from_one_that_began_after_it(
    company: Company, grown: tuple[Company, Company]
) -> None:
    untouched = moment("2026-10-26 00:00")
    assert hours(company, "GPU-node1", untouched) == {"hpc/6": 1}
    assert hours(grown[0], "GPU-node1", untouched) == {"": 1}
    assert hours(grown[0], "GPU-node0", moment("2026-10-25 01:00")) == {"hpc/5": 1}
