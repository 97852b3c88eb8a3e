"""Readings of our own sampler: raw NVML units to canonical ones, errors to reasons."""

# Times in this project are naive UTC.
# ruff: noqa: DTZ001

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from ingest.schema import conform
from ingest.source import Batch, InputFile, Reject
from ingest.sources.nvml import SOURCE

GOLDEN = Path(__file__).parents[1] / "golden" / "nvml" / "readings.ndjson"


def read(path: Path) -> tuple[list[dict[str, Any]], list[Reject]]:
    file = InputFile(path=path, name=f"nvml/{path.name}", instance="node-a", sha256="0" * 64)
    found = list(SOURCE.read(file))
    frames = [conform(one.frame, one.table) for one in found if isinstance(one, Batch)]
    rows = [row for frame in frames for row in frame.to_dicts()]
    return rows, [one for one in found if isinstance(one, Reject)]


def test_milliwatts_millijoules_and_percent_become_canonical_units() -> None:
    rows, rejects = read(GOLDEN)
    assert rejects == []
    assert {name: value for name, value in rows[0].items() if value is not None} == {
        "sampled_at": datetime(2026, 6, 1),
        "host_name": "node-a",
        "gpu_uuid": "GPU-aaaa",
        "gpu_index": 0,
        "gpu_model": "NVIDIA H100 80GB HBM3",
        "driver_version": "570.133.20",
        "gpu_utilization_ratio": 0.93,
        "memory_copy_utilization_ratio": 0.61,
        "memory_used_bytes": 74694119424,
        "memory_reserved_bytes": 561774592,
        "memory_free_bytes": 10264915968,
        "memory_total_bytes": 85520809984,
        "power_watts": 610.0,
        "power_limit_watts": 700.0,
        "power_kind": "average",
        "energy_joules_total": Decimal("5231844712.331"),
        "gpu_temperature_celsius": 64.0,
        "memory_temperature_celsius": 71.0,
        "sm_clock_mhz": 1980.0,
        "memory_clock_mhz": 2619.0,
        "line_number": 1,
    }


def test_a_refused_field_is_null_with_nvmls_reason_and_a_zero_stays_zero() -> None:
    row = read(GOLDEN)[0][1]
    assert (row["power_watts"], row["power_kind"], row["memory_used_bytes"]) == (0.0, "unknown", 0)
    assert json.loads(row["null_reasons"]) == {
        "gpu_utilization_ratio": "mig",
        "memory_copy_utilization_ratio": "mig",
        "memory_temperature_celsius": "no_data",
        "power_limit_watts": "no_permission",
    }


def test_a_mig_instance_has_its_own_memory_and_not_the_whole_gpus_power() -> None:
    row = read(GOLDEN)[0][2]
    assert (row["gpu_uuid"], row["mig_instance_id"], row["mig_profile"]) == (
        "GPU-bbbb",
        "7",
        "1g.5gb",
    )
    assert (row["memory_used_bytes"], row["power_watts"], row["energy_joules_total"]) == (
        1000,
        None,
        None,
    )


def test_a_lost_gpu_is_a_row_of_nulls_with_that_reason() -> None:
    row = read(GOLDEN)[0][3]
    assert (row["gpu_uuid"], row["power_watts"], row["memory_used_bytes"]) == (
        "GPU-cccc",
        None,
        None,
    )
    assert set(json.loads(row["null_reasons"]).values()) == {"gpu_is_lost"}


def test_bad_lines_are_rejected_by_number_and_the_others_stay(tmp_path: Path) -> None:
    good = GOLDEN.read_text().splitlines()[0]
    lines = [good, good[:200], good.replace("000Z", "000"), good.replace('"GPU-AAAA"', "null")]
    (tmp_path / "n.ndjson").write_text("\n".join([*lines, good, good[:90]]))
    rows, rejects = read(tmp_path / "n.ndjson")
    assert [row["line_number"] for row in rows] == [1, 5]
    assert [(one.line_number, one.reason_code) for one in rejects] == [
        (2, "bad_json"),
        (3, "naive_timestamp"),
        (4, "gpu_unreachable"),
        (6, "unfinished_line"),
    ]
