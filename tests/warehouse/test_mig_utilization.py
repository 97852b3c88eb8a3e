"""How busy MIG slices were, from dcgm-exporter's text to the marts of slices and of whole GPUs."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from warehouse_factory import REPOSITORY, Company, event, gpu_sample, moment

from ingest.schema import conform
from ingest.source import Batch, InputFile
from ingest.sources.dcgm_exporter import SOURCE

GOLDEN = REPOSITORY / "tests/golden/dcgm_exporter/mig_hour.prom"
SLICED = "GPU-00000000-0000-0000-0000-0000000000bb"
TEN = moment("2026-06-01 10:00")
ELEVEN = TEN + timedelta(hours=1)
NIGHT = moment("2026-06-01 23:00")
MARTS = ("fct_mig_utilization_hourly", "fct_gpu_hours", "fct_gpu_efficiency_hourly")


def golden_rows(table: str) -> list[dict[str, Any]]:
    file = InputFile(path=GOLDEN, name="dcgm/mig_hour.prom", instance="rack", sha256="0" * 64)
    batches = [one for one in SOURCE.read(file) if isinstance(one, Batch) and one.table == table]
    rows = [row for one in batches for row in conform(one.frame, table).to_dicts()]
    return [{name: value for name, value in row.items() if value is not None} for row in rows]


def slice_at(uuid: str, at: datetime, instance: str, **columns: Any) -> dict[str, Any]:
    return gpu_sample(uuid, at, mig_instance_id=instance, mig_profile="1g.10gb", **columns)


def keep_ledgers(company: Company) -> None:
    card = {"host_name": "node-a", "gpu_model": "H100", "memory_gib": 80}
    life = {"purchase_date": date(2026, 6, 1), "in_service_date": date(2026, 6, 1)}
    price = {"purchase_price_usd": Decimal(30_000), "residual_value_usd": Decimal(0)}
    rest = {"useful_life_months": 36, "rated_power_watts": 700.0}
    company.keep(
        "gpu_fleet",
        [
            {"gpu_uuid": uuid, "gpu_index": index, **card, **life, **price, **rest}
            for index, uuid in ((1, SLICED), (2, "GPU-quiet"))
        ],
    )
    serves = {"deployment_id": "chat", "workload": "inference", "model_name": "qwen"}
    place = {"host_name": "node-a", "gpu_indices": "1", "pod_name_prefix": "serve-"}
    company.keep("deployments", [{**serves, **place, "team_id": "red", "started_at": TEN}])


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, project: Path) -> Company:
    company = Company.found(tmp_path_factory.mktemp("mig") / "data", project)
    keep_ledgers(company)
    for table in ("gpu_samples", "gpu_attributions"):
        company.land(table, "dcgm_exporter", "mig_hour.prom", golden_rows(table))
    # NVML tells the memory of slices and nobody's name; dcgm-exporter tells more of the sliced GPU
    quarters = [TEN + timedelta(minutes=15 * n) for n in range(5)]
    memory = {"memory_used_bytes": 2**30, "memory_total_bytes": 2**32}
    company.land(
        "gpu_samples",
        "nvml",
        "nvml.ndjson",
        [slice_at(uuid, at, "7", **memory) for uuid in (SLICED, "GPU-quiet") for at in quarters]
        + [slice_at("GPU-quiet", NIGHT + timedelta(minutes=30), "7", **memory)]
        # of no ledger
        + [slice_at("GPU-other", TEN, "1", gpu_model="A100")],
    )
    company.land("usage_events", "litellm", "late.jsonl", [event("x", moment("2026-06-02 01:00"))])
    company.dbt(
        "build",
        *("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious"),
        *("--select", *(f"+{mart}" for mart in MARTS), "dim_deployments", "dim_gpus"),
    )
    return company


def row(company: Company, columns: str, uuid: str, instance: str, at: datetime) -> tuple[Any, ...]:
    (found,) = company.query(
        f"select {columns} from fct_mig_utilization_hourly"  # noqa: S608
        " where gpu_uuid = ? and mig_instance_id = ? and hour_start_at = ?",
        uuid,
        instance,
        at,
    )
    return found


def test_ratios_of_a_slice_are_means_of_its_own_readings(company: Company) -> None:
    columns = "graphics_engine_active_ratio, sm_active_ratio, tensor_active_ratio, sample_count"
    assert row(company, columns, SLICED, "3", TEN) == (
        pytest.approx(0.8),
        pytest.approx(0.5),
        pytest.approx(0.3),
        3,
    )
    memory = (30_000 + 31_000 + 32_000) / 3 / 40_320
    assert row(company, "memory_used_ratio", SLICED, "3", TEN) == (pytest.approx(memory),)
    # without multiprocessors by the engine: 12 % in one of three readings
    assert row(company, "sm_active_ratio, productive_ratio", SLICED, "7", TEN) == (
        None,
        pytest.approx(1 / 3),
    )
    assert row(company, "productive_ratio", SLICED, "3", TEN) == (1.0,)
    assert row(company, "gpu_utilization_ratio", SLICED, "3", TEN) == (None,)


def test_coverage_is_told_beside_each_ratio(company: Company) -> None:
    columns = (
        "telemetry_coverage_ratio, graphics_engine_active_coverage_ratio,"
        " sm_active_coverage_ratio, dram_active_coverage_ratio"
    )
    # one of the three readings that end an interval of the hour lacks the multiprocessors
    assert row(company, columns, SLICED, "3", TEN) == (1.0, 1.0, pytest.approx(2 / 3), 0.0)
    assert row(company, columns, SLICED, "7", TEN) == (1.0, 1.0, 0.0, 0.0)
    assert row(company, columns, SLICED, "3", ELEVEN) == (0.0, 0.0, 0.0, 0.0)


def test_a_slice_has_its_part_of_the_gpu_and_its_place(company: Company) -> None:
    columns = "mig_profile, gpu_share_ratio, host_name, gpu_model"
    assert row(company, columns, SLICED, "3", TEN) == ("3g.40gb", 0.5, "node-a", "H100")
    assert row(company, columns, SLICED, "7", TEN) == ("1g.10gb", 1 / 7, "node-a", "H100")
    assert row(company, columns, "GPU-other", "1", TEN) == ("1g.10gb", 1 / 7, "host-a", "A100")


def test_who_held_a_slice_is_told_where_telemetry_names_anybody(company: Company) -> None:
    columns = "holder_kind, holder_id, holder_count, model_name, team_id"
    assert row(company, columns, SLICED, "3", TEN) == ("deployment", "chat", 1, "qwen", "red")
    assert row(company, columns, SLICED, "7", TEN) == ("pod", "ml/embed-0", 1, "", None)
    for instance, at in (("5", TEN), ("7", ELEVEN)):
        assert row(company, columns, SLICED, instance, at) == ("none", "", 0, "", None)
    assert row(company, columns, "GPU-quiet", "7", TEN) == (None, "", None, "", None)


def test_one_exporter_tells_of_the_slices_of_a_gpu(company: Company) -> None:
    # NVML's quarter full memory of instance 7 would be a second reading of it
    assert row(company, "memory_used_ratio, sample_count", SLICED, "7", TEN) == (0.5, 3)
    assert row(company, "memory_used_ratio, sample_count", "GPU-quiet", "7", TEN) == (0.25, 4)


def test_readings_of_slices_are_not_readings_of_their_gpu(company: Company) -> None:
    assert company.query(
        "select gpu_utilization_ratio, sm_active_ratio, tensor_active_ratio, memory_used_ratio,"
        " productive_ratio, power_watts from fct_gpu_hours"
        " where gpu_uuid = ? and hour_start_at = ?",
        SLICED,
        TEN,
    ) == [(None, 0.25, None, None, 1.0, 250.0)]
    assert company.query(
        "select distinct sm_active_ratio, memory_used_ratio, memory_used_coverage_ratio"
        " from fct_gpu_efficiency_hourly where hour_start_at = ? and sm_active_coverage_ratio = 1",
        TEN,
    ) == [(0.25, None, 0.0)]


def test_a_reading_after_midnight_covers_the_hour_before_it(
    company: Company, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert row(company, "telemetry_coverage_ratio", "GPU-quiet", "7", NIGHT) == (0.0,)
    grown = company.copied(tmp_path_factory.mktemp("grown") / "data")
    after = slice_at("GPU-quiet", moment("2026-06-02 00:15"), "7", sm_active_ratio=0.5)
    grown.land("gpu_samples", "nvml", "next.ndjson", [after])
    grown.touch([date(2026, 6, 2)])
    selection = ("--select", f"+{MARTS[0]}")
    grown.dbt("run", *selection)
    assert row(grown, "telemetry_coverage_ratio", "GPU-quiet", "7", NIGHT) == (0.5,)
    fresh = grown.copied(tmp_path_factory.mktemp("fresh") / "data")
    fresh.dbt("run", "--full-refresh", *selection)
    assert grown.rows(MARTS[0]) == fresh.rows(MARTS[0])
