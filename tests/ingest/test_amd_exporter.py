"""AMD's exporter: one physical value whoever shares the GPU, exact energy, partitions apart."""

from decimal import Decimal
from pathlib import Path

import pytest
from reader_trials import check_golden_tables, read_all
from translated import GOLDEN

from ingest.sources.amd_exporter import SOURCE

SCRAPE = GOLDEN / "amd_exporter" / "scrape.prom"
LABELS = '{gpu_id="0",gpu_partition_id="0",hostname="n",serial_number="S"}'


def test_shared_partitioned_and_nameless_gpus_are_told_apart() -> None:
    check_golden_tables(SOURCE)


def test_a_gpu_that_two_pods_share_draws_its_power_once() -> None:
    frames, _ = read_all(SOURCE, SCRAPE)
    samples, attributions = frames["gpu_samples"], frames["gpu_attributions"]
    shared = samples.filter(samples["gpu_uuid"] == "AMD-PCB0")
    assert shared["power_watts"].to_list() == [688.0]
    assert attributions["pod_name"].to_list() == ["vllm-0", "vllm-1"]


def test_a_partition_has_its_own_load_and_the_whole_gpu_its_power() -> None:
    samples = read_all(SOURCE, SCRAPE)[0]["gpu_samples"]
    rows = samples.filter(samples["gpu_uuid"] == "AMD-node-m-1").to_dicts()
    found = [
        (row["mig_instance_id"], row["gpu_utilization_ratio"], row["power_watts"]) for row in rows
    ]
    assert found == [(None, None, 300.0), ("0", 0.5, None), ("1", 0.51, None)]


def test_microjoules_become_joules_to_the_last_digit(tmp_path: Path) -> None:
    path = tmp_path / "scrape-20260504T090000Z.prom"
    path.write_text(f"amd_gpu_energy_consumed{LABELS} 9007199254740993\n")
    (row,) = read_all(SOURCE, path)[0]["gpu_samples"].to_dicts()
    assert row["energy_joules_total"] == Decimal("9007199254.740993")


@pytest.mark.parametrize(
    ("prefix", "options"), [("", {}), ("amd_", {}), ("site_", {"metric_prefix": "site_"})]
)
def test_metrics_are_found_under_the_prefix_that_an_operator_chose(
    tmp_path: Path, prefix: str, options: dict[str, str]
) -> None:
    path = tmp_path / "scrape-20260504T090000Z.prom"
    path.write_text(f"{prefix}gpu_gfx_activity{LABELS} 50\nelse_gpu_gfx_activity{LABELS} 99\n")
    frames, rejects = read_all(SOURCE, path, **options)
    assert frames["gpu_samples"]["gpu_utilization_ratio"].to_list() == [0.5]
    assert rejects == []


def test_a_number_that_means_not_available_is_null_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "scrape-20260504T090000Z.prom"
    path.write_text(
        f"gpu_package_power{LABELS} 65535\ngpu_used_vram{LABELS} 65535\n"
        f"gpu_average_package_power{LABELS} 18446744073709551615\n"
    )
    (row,) = read_all(SOURCE, path)[0]["gpu_samples"].to_dicts()
    assert row["power_watts"] is None
    assert row["null_reasons"] == '{"power_watts":"sentinel"}'
    assert row["memory_used_bytes"] == 65535 * 1024**2
