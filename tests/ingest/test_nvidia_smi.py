"""nvidia-smi's CSV: units, words instead of numbers, and clocks that go back."""

# Times in this project are naive UTC.
# ruff: noqa: DTZ001

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.schema import conform
from ingest.source import Batch, InputFile, Reject
from ingest.sources.nvidia_smi import SOURCE

GOLDEN = Path(__file__).parents[1] / "golden" / "nvidia_smi"
HEADER = "timestamp, uuid, utilization.gpu [%], power.draw [W]\n"
Result = tuple[list[dict[str, Any]], list[Reject]]


def read(path: Path, zone: str | None = "Europe/Berlin", **options: str) -> Result:
    if zone is not None:
        options["time_zone"] = zone
    file = InputFile(
        path=path, name=f"smi/{path.name}", instance="node-a", sha256="0" * 64, options=options
    )
    found = list(SOURCE.read(file))
    frames = [conform(one.frame, one.table) for one in found if isinstance(one, Batch)]
    rows = [row for frame in frames for row in frame.to_dicts()]
    return rows, [one for one in found if isinstance(one, Reject)]


def read_text(folder: Path, text: str, zone: str | None = "Europe/Berlin") -> Result:
    (folder / "smi.csv").write_text(text)
    return read(folder / "smi.csv", zone)


def reading(time: str, gpu: str = "GPU-a") -> str:
    return f"2026/10/25 {time}.000, {gpu}, 50 %, 100.00 W\n"


def reported(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


@pytest.mark.parametrize("name", ["units.csv", "nounits.csv"])
def test_values_with_and_without_units_mean_the_same(name: str) -> None:
    rows, rejects = read(GOLDEN / name)
    assert rejects == []
    assert reported(rows[0]) == {
        "sampled_at": datetime(2026, 6, 1, 0, 0, 0, 482000),
        "host_name": "node-a",
        "gpu_uuid": "GPU-aaaa",
        "gpu_index": 0,
        "gpu_model": "NVIDIA H100 80GB HBM3",
        "gpu_utilization_ratio": 0.93,
        "memory_used_bytes": 71234 * 2**20,
        "memory_total_bytes": 81559 * 2**20,
        "power_watts": 612.34,
        "power_kind": "unknown",
        "gpu_temperature_celsius": 64.0,
        "sm_clock_mhz": 1980.0,
        "line_number": 2,
    }
    assert [row["line_number"] for row in rows] == [2, 3, 5]


def test_a_word_instead_of_a_number_is_null_with_its_reason_and_not_zero() -> None:
    rows, _ = read(GOLDEN / "units.csv")
    assert json.loads(rows[1]["null_reasons"]) == {
        "gpu_utilization_ratio": "not_supported",
        "power_watts": "unknown_error",
        "gpu_temperature_celsius": "not_available",
        "sm_clock_mhz": "not_available",
    }
    assert (rows[1]["power_watts"], rows[1]["power_kind"]) == (None, None)
    assert json.loads(rows[2]["null_reasons"]) == {"power_watts": "no_permission"}


def test_without_a_stated_zone_the_file_is_one_reject_with_the_line_to_write() -> None:
    rows, rejects = read(GOLDEN / "units.csv", zone=None)
    assert rows == []
    assert [(one.line_number, one.reason_code) for one in rejects] == [(None, "naive_timestamp")]
    assert '[nvidia_smi] time_zone = "Europe/Berlin"' in rejects[0].remedy


def test_an_unknown_zone_is_one_reject_and_no_crash() -> None:
    rows, rejects = read(GOLDEN / "units.csv", zone="Mars/Olympus")
    assert (rows, [one.reason_code for one in rejects]) == ([], ["unknown_time_zone"])


def test_the_hour_that_clocks_show_twice_is_told_by_the_order_of_lines(tmp_path: Path) -> None:
    times = ["01:59:00", "02:30:00", "02:59:00", "02:00:00", "02:30:00", "03:00:00"]
    text = HEADER + "".join(reading(time, gpu) for time in times for gpu in ("GPU-a", "GPU-b"))
    rows, rejects = read_text(tmp_path, text)
    assert rejects == []
    for gpu in ("GPU-a", "GPU-b"):
        own = [row for row in rows if row["gpu_uuid"] == gpu]
        assert [f"{row['sampled_at']:%d %H:%M}" for row in own] == [
            "24 23:59",
            "25 00:30",
            "25 00:59",
            "25 01:00",
            "25 01:30",
            "25 02:00",
        ]
        assert [row["quality_flags"] for row in own] == [
            None,
            *[["ambiguous_local_time"]] * 4,
            None,
        ]


def test_a_file_that_begins_in_the_second_hour_is_not_moved_an_hour_back(tmp_path: Path) -> None:
    rows, _ = read_text(tmp_path, HEADER + reading("02:59:00") + reading("03:00:00"))
    assert [f"{row['sampled_at']:%H:%M}" for row in rows] == ["01:59", "02:00"]


def test_a_time_that_clocks_skipped_is_rejected(tmp_path: Path) -> None:
    text = HEADER + "2026/03/29 02:30:00.000, GPU-a, 1 %, 1 W\n"
    rows, rejects = read_text(tmp_path, text)
    assert rows == []
    assert [(one.line_number, one.reason_code) for one in rejects] == [(2, "nonexistent_time")]


def test_cut_rows_are_rejected_even_where_the_number_of_cells_is_right(tmp_path: Path) -> None:
    text = HEADER + "2026/06/01 02:00:00.000, GPU-a\n" + reading("04:00:00")
    rows, rejects = read_text(tmp_path, text + "2026/10/25 04:00:01.000, GPU-a, 50 %, 61")
    assert len(rows) == 1
    assert {(one.line_number, one.reason_code) for one in rejects} == {
        (2, "bad_row"),
        (4, "unfinished_line"),
    }


def test_a_header_with_other_fields_in_the_middle_is_obeyed(tmp_path: Path) -> None:
    text = HEADER + reading("04:00:00") + "uuid, power.draw.instant [W], timestamp\n"
    rows, rejects = read_text(tmp_path, text + "GPU-a, 77.5 W, 2026/10/25 04:00:01.000\n")
    assert rejects == []
    assert [(row["power_watts"], row["power_kind"]) for row in rows] == [
        (100.0, "unknown"),
        (77.5, "instant"),
    ]
    assert (rows[1]["gpu_utilization_ratio"], rows[1]["null_reasons"]) == (None, None)


@pytest.mark.parametrize(
    "text", [reading("04:00:00") * 3, "what, is, this\n1, 2, 3\n", "uuid, power.draw [W]\na, 1\n"]
)
def test_a_file_without_usable_header_is_one_reject(tmp_path: Path, text: str) -> None:
    rows, rejects = read_text(tmp_path, text)
    assert (rows, [one.reason_code for one in rejects]) == ([], ["no_header"])
    assert "noheader" in rejects[0].remedy


def test_a_file_that_does_not_name_its_gpus_is_one_reject(tmp_path: Path) -> None:
    rows, rejects = read_text(tmp_path, "timestamp, index\n2026/06/01 02:00:00.000, 0\n")
    assert (rows, [one.reason_code for one in rejects]) == ([], ["missing_column"])


def test_rows_without_gpu_or_time_are_rejected_by_line(tmp_path: Path) -> None:
    text = HEADER + reading("04:00:00", "[N/A]") + "yesterday, GPU-a, 1 %, 1 W\n"
    rows, rejects = read_text(tmp_path, text)
    assert rows == []
    assert [(one.line_number, one.reason_code) for one in rejects] == [
        (2, "missing_gpu_uuid"),
        (3, "bad_timestamp"),
    ]


def test_utilization_under_mig_is_null_not_zero(tmp_path: Path) -> None:
    text = "timestamp, uuid, utilization.gpu [%], mig.mode.current\n"
    rows, _ = read_text(tmp_path, text + "2026/06/01 02:00:00.000, GPU-a, 0 %, Enabled\n")
    assert rows[0]["gpu_utilization_ratio"] is None
    assert json.loads(rows[0]["null_reasons"]) == {"gpu_utilization_ratio": "mig"}


def test_a_number_in_an_unexpected_unit_is_not_taken(tmp_path: Path) -> None:
    rows, _ = read_text(tmp_path, HEADER + "2026/06/01 02:00:00.000, GPU-a, 50 %, 90 kW\n")
    assert rows[0]["power_watts"] is None
    assert json.loads(rows[0]["null_reasons"]) == {"power_watts": "not_a_number"}


def test_a_stated_host_name_wins_over_the_folder() -> None:
    rows, _ = read(GOLDEN / "units.csv", host_name="gpu-7.example")
    assert {row["host_name"] for row in rows} == {"gpu-7.example"}
