"""What the audit leaves behind: a Parquet file for the mart, and lines for people."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import polars as pl

from pipelines.quality.expectations import CheckResult
from pipelines.quality.registry import ALL_SUITES, expectation_specs

SCHEMA: dict[str, pl.DataType] = {
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

_DAYS_NAMED = 3


def write_results(
    results: Sequence[CheckResult], folder: Path, run_id: str, checked_at: datetime
) -> Path:
    """Write one run's results as `<run_id>.parquet`, whole or not at all.

    Args:
        results: Of one audit; none gives a file without rows.
        folder: Made if it does not exist.
        run_id: Becomes the file's name; the same run writes the same file again.
        checked_at: Naive UTC, or with a zone.

    Returns:
        The file, with the columns of SCHEMA.

    Raises:
        ValueError: The run id cannot be a file name.
    """
    if not run_id or Path(run_id).name != run_id:
        raise ValueError(f"run id {run_id!r} cannot be a file name")
    moment = checked_at.astimezone(UTC).replace(tzinfo=None) if checked_at.tzinfo else checked_at
    rows = [{"run_id": run_id, "checked_at": moment, **asdict(result)} for result in results]
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{run_id}.parquet"
    # No `.parquet` suffix while incomplete: a reader's glob must not see it.
    partial = folder / f".{run_id}.{os.getpid()}.partial"
    with partial.open("wb") as stream:
        pl.DataFrame(rows, schema=SCHEMA).write_parquet(stream)
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(target)
    return target


def add_results(
    results: Sequence[CheckResult], folder: Path, run_id: str, checked_at: datetime
) -> Path:
    """Write results of a later judgment of the same run beside its earlier ones.

    Args:
        results: Of one judgment; earlier ones of the same tables are replaced.
        folder: As of `write_results`.
        run_id: As of `write_results`.
        checked_at: As of `write_results`.

    Returns:
        The run's file.
    """
    file = folder / f"{run_id}.parquet"
    judged = {result.table_name for result in results}
    earlier = read_results(file) if file.exists() else ()
    kept = [result for result in earlier if result.table_name not in judged]
    return write_results([*kept, *results], folder, run_id, checked_at)


def read_results(file: Path) -> tuple[CheckResult, ...]:
    """Read back what `write_results` wrote.

    Args:
        file: One run's results.

    Returns:
        The results in the order they were written.
    """
    frame = pl.read_parquet(file).drop("run_id", "checked_at")
    return tuple(CheckResult(**row) for row in frame.iter_rows(named=True))


def explain_failures(results: Iterable[CheckResult]) -> list[str]:
    """Say in one line per failed expectation what is wrong, where, and what to do.

    Args:
        results: Of one audit.

    Returns:
        Lines, critical ones first; none if everything passed.
    """
    specs = expectation_specs(ALL_SUITES)
    remedies = {(spec.table_name, spec.expectation_name): spec.remedy for spec in specs}
    ranks = {"critical": 0, "warning": 1, "info": 2}
    failed = sorted((result for result in results if not result.is_success), key=_identity)
    grouped = [(key, list(group)) for key, group in groupby(failed, key=_identity)]
    grouped.sort(key=lambda item: ranks[item[1][0].severity])
    return [_line(group, remedies[key]) for key, group in grouped]


def _identity(result: CheckResult) -> tuple[str, str]:
    return result.table_name, result.expectation_name


def _line(group: Sequence[CheckResult], remedy: str) -> str:
    first = group[0]
    days = [str(result.usage_date) for result in group]
    named = ", ".join(days[:_DAYS_NAMED])
    further = len(days) - _DAYS_NAMED
    more = f" and {further} more day{'' if further == 1 else 's'}" if further > 0 else ""
    rows = sum(result.failing_row_count for result in group)
    place = next(
        (result.failing_rows.split("\n")[0] for result in group if result.failing_rows), ""
    )
    where = f", first {place}" if place else ""
    statement = first.expectation_name.replace("_", " ")
    extent = f"{rows:,} row{'' if rows == 1 else 's'}" if rows else "no rows"
    return (
        f"{first.severity}: {first.table_name}: expected that {statement}, but not on {named}{more}"
        f" ({first.observed_value}): {extent}{where}. Remedy: {remedy}."
    )
