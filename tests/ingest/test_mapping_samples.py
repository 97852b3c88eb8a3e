"""Declared mappings of telemetry: readings of meters and GPUs in their canonical units."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from reader_trials import read_all
from translated import put

from ingest.mapping import load_mappings

SAMPLED = """
format = "csv"
table = "power_samples"
[columns]
sampled_at = { column = "at", format = "%d.%m.%Y %H:%M:%S" }
power_watts = { column = "draw", unit = "kW" }
energy_joules_total = { column = "meter", unit = "kWh" }
"""
READING = b"at,draw,meter\n26.10.2026 00:00:00,1.25,10.5\n"


def samples(folder: Path, toml: str, content: bytes, **options: str) -> dict[str, Any]:
    put(folder, "mappings/log.toml", toml.encode())
    path = put(folder, "log.csv", content)
    frames, rejects = read_all(load_mappings(folder / "mappings")["log"], path, **options)
    return {"rejects": rejects, **{name: frame.to_dicts() for name, frame in frames.items()}}


def test_a_meter_s_readings_are_landed_in_watts_and_joules_at_utc(tmp_path: Path) -> None:
    found = samples(tmp_path, SAMPLED, READING, time_zone="Europe/Berlin")
    assert found["rejects"] == []
    (row,) = found["power_samples"]
    assert row["sampled_at"] == datetime.fromisoformat("2026-10-25T23:00:00")
    assert (row["power_watts"], row["energy_joules_total"]) == (1250.0, Decimal(37_800_000))
    assert (row["meter_name"], row["host_name"], row["quality_flags"]) == ("default", None, [])


def test_what_no_column_says_about_a_meter_or_a_gpu_the_folder_or_the_user_does(
    tmp_path: Path,
) -> None:
    options = {"time_zone": "UTC", "host_name": "node-a"}
    (row,) = samples(tmp_path, SAMPLED, READING, **options)["power_samples"]
    assert (row["meter_name"], row["host_name"]) == ("default", "node-a")
    named = SAMPLED + 'meter_name = "draw"\nhost_name = { constant = "node-b" }\n'
    (row,) = samples(tmp_path, named, READING, **options)["power_samples"]
    assert (row["meter_name"], row["host_name"]) == ("1.25", "node-b")
    gpu = """
        format = "csv"
        table = "gpu_samples"
        [columns]
        sampled_at = "at"
        gpu_uuid = "gpu"
        gpu_utilization_ratio = { column = "busy", unit = "percent" }
        memory_used_bytes = { column = "memory", unit = "GiB" }
        memory_free_bytes = { column = "free", unit = "MB" }
    """
    content = b"at,gpu,busy,memory,free\n2026-01-01T00:00:00Z,ABC-1,12.5,1.5,2\n"
    (row,) = samples(tmp_path, gpu, content)["gpu_samples"]
    assert (row["gpu_uuid"], row["host_name"]) == ("GPU-abc-1", "default")
    assert (row["gpu_utilization_ratio"], row["memory_used_bytes"]) == (0.125, 3 * 2**29)
    assert row["memory_free_bytes"] == 2_000_000


@pytest.mark.parametrize(
    ("old", "new", "column", "reason"),
    [
        (b"1.25", b"-1.25", "draw", "bad_value"),
        (b"1.25", b"nan", "draw", "bad_value"),
        (b"1.25", b"Infinity", "draw", "bad_value"),
        (b"1.25", b"1e400", "draw", "bad_value"),
        (b"1.25", b"off", "draw", "bad_value"),
        (b"10.5", b"10,5", None, "bad_csv"),
        (b"26.10.2026", b"10/26/2026", "at", "bad_timestamp"),
        (b"26.10.2026 00:00:00", b"", "at", "missing_value"),
        (b"26.10.2026 00:00:00", b"25.10.2026 02:30:00", "at", "ambiguous_time"),
    ],
)
def test_a_reading_that_cannot_be_is_one_reject_and_its_neighbors_land(
    tmp_path: Path, old: bytes, new: bytes, column: str | None, reason: str
) -> None:
    content = READING + READING.splitlines()[1].replace(old, new) + b"\n"
    found = samples(tmp_path, SAMPLED, content, time_zone="Europe/Berlin")
    assert len(found["power_samples"]) == 1
    shown = [(one.line_number, one.column_name, one.reason_code) for one in found["rejects"]]
    assert shown == [(3, column, reason)]
