"""sacct: GPUs counted once, hours placed on the UTC axis, names that hold bars."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reader_trials import check_golden_tables, read_all, rows_of, said
from translated import GOLDEN

from ingest.sources.slurm_sacct import SOURCE

INPUT = GOLDEN / "slurm_sacct" / "input.txt"
HEADER = "JobIDRaw|JobName|State|Start|End|ElapsedRaw|AllocTRES"


def job(**changes: str) -> str:
    cells = {
        "JobIDRaw": "7",
        "JobName": "train",
        "State": "COMPLETED",
        "Start": "2026-05-04T09:00:00",
        "End": "2026-05-04T10:00:00",
        "ElapsedRaw": "3600",
        "AllocTRES": "gres/gpu=8",
    } | changes
    return "|".join(cells.values())


def jobs(folder: Path, *rows: str, **options: str) -> list[dict[str, Any]]:
    path = folder / "sacct.txt"
    path.write_text("\n".join([HEADER, *rows]) + "\n")
    return rows_of(SOURCE, path, **{"time_zone": "UTC"} | options)


def test_each_trap_of_a_report_gives_the_right_job_or_the_right_reject() -> None:
    check_golden_tables(SOURCE)


def test_gpus_listed_with_and_without_their_type_are_the_same_gpus(tmp_path: Path) -> None:
    counts = {
        "gres/gpu:h100=8,gres/gpu=8": 8,
        "gres/gpu:a100=1,gres/gpu:l40s=2": 3,
        "cpu=4": 0,
        "": None,
    }
    rows = [job(JobIDRaw=str(number), AllocTRES=tres) for number, tres in enumerate(counts)]
    assert [row["gpu_count"] for row in jobs(tmp_path, *rows)] == list(counts.values())


def test_local_times_need_a_stated_zone_and_seconds_since_1970_do_not(tmp_path: Path) -> None:
    path = tmp_path / "sacct.txt"
    path.write_text(f"{HEADER}\n{job()}\n{job()}\n")
    frames, rejects = read_all(SOURCE, path)
    assert frames == {}
    assert [(one.line_number, one.reason_code) for one in rejects] == [(None, "naive_timestamp")]
    assert "time_zone" in rejects[0].remedy
    path.write_text(f"{HEADER}\n{job(Start='1777885200', End='1777888800')}\n")
    (row,) = rows_of(SOURCE, path)
    assert row["started_at"] == datetime(2026, 5, 4, 9)  # noqa: DTZ001 - naive UTC
    assert row["ended_at"] == datetime(2026, 5, 4, 10)  # noqa: DTZ001


@pytest.mark.parametrize(
    ("start", "end", "elapsed", "begun", "flags"),
    [
        ("2026-10-25T02:30:00", "2026-10-25T02:45:00", "4500", 0, []),
        ("2026-10-25T02:30:00", "2026-10-25T03:30:00", "3600", 1, []),
        ("2026-10-25T02:30:00", "2026-10-25T03:30:00", "7200", 0, []),
        ("2026-10-25T02:30:00", "Unknown", "60", 0, ["ambiguous_time"]),
    ],
)
def test_the_hour_that_clocks_show_twice_is_told_by_the_elapsed_time(
    tmp_path: Path, start: str, end: str, elapsed: str, begun: int, flags: list[str]
) -> None:
    row = job(Start=start, End=end, ElapsedRaw=elapsed)
    (found,) = jobs(tmp_path, row, time_zone="Europe/Berlin")
    assert (found["started_at"].hour, found["started_at"].minute) == (begun, 30)
    assert found["quality_flags"] == flags


def test_a_running_job_comes_again_under_the_same_key(tmp_path: Path) -> None:
    (running,) = jobs(tmp_path, job(State="RUNNING", End="Unknown", ElapsedRaw="60"))
    (done,) = jobs(tmp_path, job())
    key = ("cluster_name", "job_id", "started_at")
    assert [running[name] for name in key] == [done[name] for name in key]
    assert (running["ended_at"], running["elapsed_seconds"]) == (None, 60)


def test_a_requeued_job_keeps_each_of_its_runs(tmp_path: Path) -> None:
    later = {"Start": "2026-05-04T11:00:00", "End": "2026-05-04T12:00:00"}
    found = jobs(tmp_path, job(State="REQUEUED"), job(**later))
    assert len({(row["job_id"], row["started_at"]) for row in found}) == 2


def test_a_report_without_header_needs_its_columns_stated(tmp_path: Path) -> None:
    path = tmp_path / "sacct.txt"
    path.write_text(job() + "\n")
    frames, rejects = read_all(SOURCE, path, time_zone="UTC")
    assert (frames, [one.reason_code for one in rejects]) == ({}, ["no_header"])
    stated = HEADER.replace("|", ",").replace("JobName", "JobName%40")
    (row,) = rows_of(SOURCE, path, time_zone="UTC", format=stated)
    assert (row["job_id"], row["gpu_count"]) == ("7", 8)


@pytest.mark.parametrize("name", ["JobID", "JobIDRaw", "JobID|State", "x|JobID|y"])
def test_a_job_named_like_a_column_is_a_job_and_so_are_those_after_it(
    tmp_path: Path, name: str
) -> None:
    found = jobs(tmp_path, job(), job(JobIDRaw="8", JobName=name), job(JobIDRaw="9.batch"), job())
    assert [row["job_id"] for row in found if row["job_id"] in ("7", "8")] == ["7", "8", "7"]
    path = tmp_path / "bare.txt"
    path.write_text(f"{job(JobName=name)}\n{job(JobIDRaw='8')}\n")
    stated = HEADER.replace("|", ",")
    found = rows_of(SOURCE, path, time_zone="UTC", format=stated)
    assert [row["job_id"] for row in found] == ["7", "8"]


def test_a_report_of_other_columns_may_be_appended(tmp_path: Path) -> None:
    fewer = "JobID|State|Start|End|ElapsedRaw|AllocTRES|"
    row = "8|COMPLETED|2026-05-04T09:00:00|2026-05-04T10:00:00|3600|gres/gpu=4|"
    found = jobs(tmp_path, job(), fewer, row, HEADER, job(JobIDRaw="9"))
    assert [(one["job_id"], one["gpu_count"]) for one in found] == [("7", 8), ("8", 4), ("9", 8)]


def test_what_users_write_beside_the_name_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "sacct.txt"
    path.write_text(
        "JobIDRaw|State|Start|End|ElapsedRaw|AllocTRES|WorkDir\n"
        "7|COMPLETED|1777885200|1777888800|3600|gres/gpu=1|/home/CANARY|with bar\n"
        "8|COMPLETED|CANARY|1777888800|3600|gres/gpu=1|/home\n"
    )
    frames, rejects = read_all(SOURCE, path, time_zone="UTC")
    assert frames["gpu_jobs"].height == 1
    assert len(rejects) == 1
    assert "CANARY" not in said(frames, rejects)


def test_a_last_line_that_is_still_being_written_waits(tmp_path: Path) -> None:
    path = tmp_path / "sacct.txt"
    path.write_text(f"{HEADER}\n{job()}\n{job(JobIDRaw='8')[:-1]}")
    frames, rejects = read_all(SOURCE, path, time_zone="UTC")
    assert frames["gpu_jobs"]["job_id"].to_list() == ["7"]
    assert [one.reason_code for one in rejects] == ["unfinished_line"]


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x0b\x0c\x1c\x1d\x1e\x85"))


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(name=TEXT, cell=st.sampled_from(HEADER.split("|")[2:]), value=TEXT)
def test_any_text_in_a_cell_is_a_job_or_a_reject_and_never_another_jobs_hours(
    tmp_path: Path, name: str, cell: str, value: str
) -> None:
    path = tmp_path / "sacct.txt"
    odd = job(JobIDRaw="8", JobName=name, **{cell: value})
    text = "\n".join([HEADER, job(), odd, job(JobIDRaw="9")]) + "\n"
    path.write_bytes(text.encode())
    frames, _ = read_all(SOURCE, path, time_zone="UTC")
    rows = {row["job_id"]: row for row in frames["gpu_jobs"].to_dicts()}
    for job_id in ("7", "9"):
        assert (rows[job_id]["gpu_count"], rows[job_id]["elapsed_seconds"]) == (8, 3600)
    assert set(rows) <= {"7", "8", "9"}
