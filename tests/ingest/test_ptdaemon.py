"""PTDaemon's samples: totals and not channels, local times on the UTC axis, readings that are none.

That the mean of real ones is the power that was published: test_real_mlperf_power.py.
"""

from pathlib import Path

import pytest
from reader_trials import check_golden_tables, read_all

from ingest.sources.ptdaemon import SOURCE

LINE = b"Time,07-28-2025 04:17:29.622,Watts,2887.0,Volts,213.0,Amps,4.6,PF,0.98,Mark,notset\n"


def test_each_trap_of_a_log_gives_the_right_sample_or_the_right_reject() -> None:
    check_golden_tables(SOURCE)


@pytest.mark.parametrize(
    ("options", "reason"),
    [({}, "naive_timestamp"), ({"time_zone": "Mars/Olympus"}, "unknown_time_zone")],
)
def test_without_a_known_zone_the_file_is_one_reject_that_says_what_to_state(
    tmp_path: Path, options: dict[str, str], reason: str
) -> None:
    path = tmp_path / "spl.txt"
    path.write_bytes(LINE * 3)
    frames, rejects = read_all(SOURCE, path, **options)
    assert frames == {}
    assert [(one.line_number, one.reason_code) for one in rejects] == [(None, reason)]
    assert "[ptdaemon] time_zone" in rejects[0].remedy


def test_the_folder_names_the_host_unless_it_is_stated(tmp_path: Path) -> None:
    path = tmp_path / "spl.txt"
    path.write_bytes(LINE)
    plain = read_all(SOURCE, path, time_zone="UTC")[0]["power_samples"]
    assert plain.select("host_name", "meter_name").row(0) == ("default", "ptdaemon")
    stated = read_all(SOURCE, path, time_zone="UTC", host_name="node-a", meter_name="WT500")[0]
    named = stated["power_samples"].select("host_name", "meter_name")
    assert named.row(0) == ("node-a", "WT500")
