"""What passes, what is looked at, and how a failure of the audit differs from one of the data."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import polars as pl
import pytest
from quality_landing import NOW, clean_rows, land

from ingest.schema import TABLES
from pipelines.quality import AuditError, CheckResult, audit, expectation_specs
from pipelines.quality.gate import judge
from pipelines.quality.registry import SUITES

DAY = date(2026, 5, 4)
AUDITED = ("usage_events", "gpu_samples", "engine_samples")


def failing(results: tuple[CheckResult, ...]) -> set[str]:
    return {result.expectation_name for result in results if not result.is_success}


def _days(count: int) -> list[date]:
    return [DAY + timedelta(days=n) for n in range(count)]


def test_clean_rows_of_every_kind_pass_each_expectation_once(tmp_path: Path) -> None:
    # A folder name with wildcards must not widen or narrow what is read.
    landing = tmp_path / "a[1]*" / "landing"
    for table in AUDITED:
        for day in _days(5):
            land(landing, table, "one", day, [*clean_rows(table, day), *_unusual(table, day)])
    results = audit(landing, dict.fromkeys(AUDITED, _days(5)), now=NOW)
    assert failing(results) == set()
    names = [(r.table_name, r.expectation_name) for r in results]
    assert names == [(s.table_name, s.expectation_name) for s in expectation_specs()]
    assert {r.usage_date for r in results} == {None}
    assert {r.observed_value for r in results if r.table_name == "usage_events"} == {
        "60 rows of 5 days"
    }


def _unusual(table: str, day: date) -> list[dict[str, object]]:
    at = datetime.combine(day, time(12))
    rows: dict[str, list[dict[str, object]]] = {
        "usage_events": [
            # Anthropic's bucket: requests not counted, an input total without its cached part.
            _bucket(at, 40_000_000, "excludes_cache"),
            _bucket(at, 40_000_000, "excludes_cache_read"),
            {"event_id": f"{at}-failed", "started_at": at, "status": "failure", "team_id": "t"},
            # A total of unstated meaning with cached tokens cannot be compared.
            {
                "event_id": f"{at}-unstated",
                "grain": "request",
                "started_at": at,
                "team_id": "t",
                "cache_read_input_tokens": 5,
                "reported_input_tokens": 99,
            },
        ],
        "gpu_samples": [
            {"sampled_at": at, "gpu_uuid": "GPU-2", "mig_instance_id": "1", "sm_active_ratio": 0.0},
            {"sampled_at": at, "gpu_uuid": "GPU-3", "power_watts": 1999.0},
        ],
        "engine_samples": [{"sampled_at": at, "instance_name": "other", "prompt_tokens_total": 0}],
    }
    return rows[table]


def _bucket(at: datetime, tokens: int, semantics: str) -> dict[str, object]:
    written = 7 if semantics == "excludes_cache_read" else 0
    return {
        "event_id": f"{at}-{semantics}",
        "grain": "bucket_1h",
        "started_at": at,
        "api_key_id": "key",
        "uncached_input_tokens": tokens,
        "cache_read_input_tokens": 1000,
        "cache_write_5m_input_tokens": 7,
        "reported_input_tokens": tokens + written,
        "reported_input_semantics": semantics,
    }


def test_a_missing_table_and_a_day_without_rows_are_no_failures(tmp_path: Path) -> None:
    empty = tmp_path / "usage_events" / "one" / f"date={DAY}" / "0.parquet"
    empty.parent.mkdir(parents=True)
    pl.DataFrame(schema=TABLES["usage_events"]).write_parquet(empty)
    results = audit(tmp_path, {"usage_events": [DAY], "gpu_samples": [DAY]}, now=NOW)
    assert failing(results) == set()
    assert {r.observed_value for r in results} == {"no rows arrived"}
    assert len(results) == len(expectation_specs())


def test_rows_that_an_earlier_run_landed_are_not_judged_again(tmp_path: Path) -> None:
    bad = [{**row, "event_id": None} for row in clean_rows("usage_events", DAY)]
    land(tmp_path, "usage_events", "one", DAY, bad)
    land(tmp_path, "usage_events", "one", _days(2)[1], clean_rows("usage_events", _days(2)[1]))
    assert failing(audit(tmp_path, {"usage_events": [_days(2)[1]]}, now=NOW)) == set()
    assert failing(audit(tmp_path, {"usage_events": [DAY]}, now=NOW)) == {"event_id_is_known"}


def test_a_single_new_day_is_compared_with_days_of_earlier_runs(tmp_path: Path) -> None:
    *before, last = _days(5)
    for day in before:
        land(tmp_path, "usage_events", "one", day, clean_rows("usage_events", day, 40))
    land(tmp_path, "usage_events", "one", last, clean_rows("usage_events", last, 3))
    (result,) = (r for r in audit(tmp_path, {"usage_events": [last]}, now=NOW) if not r.is_success)
    assert (result.expectation_name, result.usage_date) == ("row_count_is_near_other_days", last)
    assert result.observed_value == ("one: 0.075 times the median rows of the days around (3 rows)")
    # While the day is in progress, few rows are what one expects.
    during = datetime.combine(last, time(1))
    assert failing(audit(tmp_path, {"usage_events": [last]}, now=during)) == set()


def test_one_expectation_shows_no_more_than_five_rows_a_day_but_counts_all(tmp_path: Path) -> None:
    bad = [{**row, "gpu_uuid": None} for row in clean_rows("gpu_samples", DAY, 30)]
    for row in bad:
        row["energy_joules_total"] = None
    land(tmp_path, "gpu_samples", "one", DAY, bad)
    (result,) = (r for r in audit(tmp_path, {"gpu_samples": [DAY]}, now=NOW) if not r.is_success)
    assert result.failing_row_count == 30
    assert result.failing_rows.split("\n") == [f"one/{DAY}.ndjson:{n}" for n in range(1, 6)]


@pytest.mark.parametrize("source_column", ["missing", "text"])
def test_a_failure_inside_great_expectations_is_not_reported_as_bad_data(
    source_column: str,
) -> None:
    suite = next(suite for suite in SUITES if suite.table == "gpu_samples")
    counts = {expectation.measure: 0 for expectation in suite.expectations}
    profile = pl.DataFrame([{"usage_date": DAY, "source": "one", **counts}])
    assert not any(judge(suite, profile).values())
    broken = (
        profile.drop("power_is_plausible")
        if source_column == "missing"
        else profile.with_columns(power_is_plausible=pl.lit("many"))
    )
    with pytest.raises(AuditError, match="could not compute power_is_plausible"):
        judge(suite, broken)


def test_a_torn_landing_file_stops_the_audit_and_names_the_file(tmp_path: Path) -> None:
    file = land(tmp_path, "gpu_samples", "one", DAY, clean_rows("gpu_samples", DAY))
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(AuditError, match=r"could not read landing.*0\.parquet"):
        audit(tmp_path, {"gpu_samples": [DAY]}, now=NOW)


def test_the_audit_writes_nothing_to_the_home_folder_and_draws_no_progress_bars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    home, landing = tmp_path / "home", tmp_path / "landing"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    land(landing, "gpu_samples", "one", DAY, clean_rows("gpu_samples", DAY))
    audit(landing, {"gpu_samples": [DAY]}, now=NOW)
    assert capfd.readouterr() == ("", "")
    assert list(home.iterdir()) == []


def test_every_audited_table_is_a_canonical_one() -> None:
    assert {suite.table for suite in SUITES} <= set(TABLES)


def test_the_utilization_of_a_partition_that_amd_measures_is_no_failure(tmp_path: Path) -> None:
    at = datetime.combine(DAY, time(12))
    row = {"sampled_at": at, "gpu_uuid": "AMD-1", "mig_instance_id": "0", "mig_profile": "dpx"}
    measured = {**row, "gpu_utilization_ratio": 0.5}
    for source in ("amd_exporter", "dcgm_exporter"):
        land(tmp_path / source, "gpu_samples", source, DAY, [measured])
    failures = [
        failing(audit(tmp_path / source, {"gpu_samples": [DAY]}, now=NOW))
        for source in ("amd_exporter", "dcgm_exporter")
    ]
    assert failures == [set(), {"utilization_is_unknown_under_mig"}]
