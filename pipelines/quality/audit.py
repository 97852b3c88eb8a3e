"""The audit: measure the touched days of each table, judge them, and say which rows are wrong."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from pipelines.quality.expectations import CheckResult, Suite
from pipelines.quality.findings import failed, passed
from pipelines.quality.gate import judge
from pipelines.quality.partitions import Partition, landed, missing, neighbors
from pipelines.quality.profile import Profiler
from pipelines.quality.registry import SUITES
from pipelines.quality.trend import with_trends

Files = Mapping[Partition, tuple[Path, ...]]


def audit(
    landing: Path, touched: Mapping[str, Sequence[date]], *, now: datetime | None = None
) -> tuple[CheckResult, ...]:
    """Judge what arrived.

    Args:
        landing: The landing folder.
        touched: Canonical table -> days this run rebuilds (UTC). Tables without a suite are
            passed over; tables and days without rows pass.
        now: The moment of the audit, naive UTC; the clock's by default.

    Returns:
        Results in the registry's order. An expectation that every day meets gives one result
        with usage_date None; one that fails gives a result per failing day.

    Raises:
        AuditError: The audit itself failed; nothing is known about the data.
    """
    moment = now or datetime.now(UTC).replace(tzinfo=None)
    results: list[CheckResult] = []
    with (
        tempfile.TemporaryDirectory(prefix="meterhouse-audit-") as spill,
        Profiler(now=moment, spill=Path(spill)) as profiler,
    ):
        for suite in SUITES:
            days = set(touched.get(suite.table, ()))
            results += _audit_table(profiler, suite, landed(landing, suite.table), days, moment)
    return tuple(results)


def _audit_table(
    profiler: Profiler, suite: Suite, files: Files, touched: set[date], now: datetime
) -> list[CheckResult]:
    arrived = {key: paths for key, paths in files.items() if key.usage_date in touched}
    profile = _profile(profiler, suite, files, arrived, now) if arrived else pl.DataFrame()
    if profile.is_empty():
        return [passed(suite, expectation, profile) for expectation in suite.expectations]
    verdicts = judge(suite, profile)
    results: list[CheckResult] = []
    for expectation in suite.expectations:
        observed = verdicts[expectation.name]
        if not observed:
            results.append(passed(suite, expectation, profile))
            continue
        paths = _paths(arrived, [key for key in observed if key in arrived])
        rows = profiler.failing_rows(suite, expectation, paths) if paths else {}
        results += failed(suite, expectation, observed, profile, rows)
    return results


def _profile(
    profiler: Profiler, suite: Suite, files: Files, arrived: Files, now: datetime
) -> pl.DataFrame:
    touched = {key.usage_date for key in arrived}
    measured = profiler.profile(suite, _paths(arrived, arrived))
    near = neighbors(files, touched) if suite.trends else []
    around = profiler.trends(suite, _paths(files, near)) if near else None
    complete = with_trends(measured, around, suite.trends, now.date())
    return _with_gaps(suite, complete, missing(files, touched))


def _with_gaps(suite: Suite, profile: pl.DataFrame, gaps: Sequence[Partition]) -> pl.DataFrame:
    # A missing day has no bad rows and no trend, but its row_count of 0 is a fact.
    absent = pl.DataFrame(
        {"usage_date": [gap.usage_date for gap in gaps], "source": [gap.source for gap in gaps]},
        schema={"usage_date": pl.Date, "source": pl.String},
    )
    counts = ("row_count", *(expectation.name for expectation in suite.row_expectations))
    zeros = [pl.lit(0).cast(profile.schema[name]).alias(name) for name in counts]
    return pl.concat([profile, absent.with_columns(zeros)], how="diagonal")


def _paths(files: Files, keys: Iterable[Partition]) -> list[Path]:
    return [path for key in keys for path in files[key]]
