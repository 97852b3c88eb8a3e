"""What the mart and people get to see of an audit."""

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from pipelines.quality import CheckResult, explain_failures, read_results, write_results

CHECKED = datetime(2026, 5, 5, 1, 30)  # noqa: DTZ001 - naive UTC, as everywhere


def _result(
    day: int, *, severity: str = "critical", name: str = "event_id_is_known"
) -> CheckResult:
    return CheckResult(
        table_name="usage_events",
        usage_date=date(2026, 5, day),
        expectation_name=name,
        column_name="event_id",
        severity="critical" if severity == "critical" else "warning",
        is_success=False,
        failing_row_count=2,
        observed_value="litellm: 2 of 1,000 rows",
        failing_rows=f"litellm/{day}.ndjson:7\nlitellm/{day}.ndjson:9",
    )


def test_results_reach_the_mart_with_its_columns_and_types(tmp_path: Path) -> None:
    file = write_results([_result(4)], tmp_path / "results", "run-1", CHECKED)
    frame = pl.read_parquet(file)
    assert file.name == "run-1.parquet"
    assert dict(frame.schema) == {
        "run_id": pl.String(),
        "checked_at": pl.Datetime("us"),
        "table_name": pl.String(),
        "usage_date": pl.Date(),
        "expectation_name": pl.String(),
        "column_name": pl.String(),
        "severity": pl.String(),
        "is_success": pl.Boolean(),
        "failing_row_count": pl.Int64(),
        "observed_value": pl.String(),
        "failing_rows": pl.String(),
    }
    assert frame.row(0)[:4] == ("run-1", CHECKED, "usage_events", date(2026, 5, 4))


def test_an_audit_without_results_still_gives_a_file_with_columns(tmp_path: Path) -> None:
    file = write_results([], tmp_path, "run-1", CHECKED)
    assert pl.read_parquet(file).height == 0
    assert len(pl.read_parquet(file).columns) == 11


def test_a_zone_is_converted_to_utc_before_it_is_dropped(tmp_path: Path) -> None:
    berlin = timezone(timedelta(hours=2))
    file = write_results(
        [_result(4)], tmp_path, "run-1", datetime(2026, 5, 5, 3, 30, tzinfo=berlin)
    )
    assert pl.read_parquet(file)["checked_at"].item() == CHECKED
    again = write_results([_result(4)], tmp_path, "run-2", CHECKED.replace(tzinfo=UTC))
    assert pl.read_parquet(again)["checked_at"].item() == CHECKED


def test_a_run_that_is_repeated_replaces_its_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    write_results([_result(4), _result(5)], tmp_path, "run-1", CHECKED)
    file = write_results([_result(4)], tmp_path, "run-1", CHECKED)
    assert list(tmp_path.iterdir()) == [file]
    assert read_results(file) == (_result(4),)


@pytest.mark.parametrize("run_id", ["../run", "a/b", ""])
def test_a_run_id_cannot_write_outside_the_folder(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(ValueError, match="cannot be a file name"):
        write_results([], tmp_path / "results", run_id, CHECKED)


def test_a_failure_is_one_line_with_days_rows_place_and_remedy() -> None:
    assert explain_failures([_result(day) for day in (4, 5, 6, 7)]) == [
        "critical: usage_events: expected that event id is known, but not on 2026-05-04, "
        "2026-05-05, 2026-05-06 and 1 more day (litellm: 2 of 1,000 rows): 8 rows, first "
        "litellm/4.ndjson:7. Remedy: report the file's format: its reader found no key in "
        "these lines."
    ]


def test_critical_failures_are_named_before_warnings() -> None:
    warning = _result(3, severity="warning", name="team_or_key_is_known")
    lines = explain_failures([warning, _result(4), _result(5)])
    assert [line.split(":")[0] for line in lines] == ["critical", "warning"]
    assert explain_failures([]) == []
