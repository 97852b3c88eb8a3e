"""The measuring pass: one small row per day and source, computed by DuckDB from landing files.

Everything that depends on single rows is counted here; half a million rows would cost Great
Expectations gigabytes as a pandas frame, their profile is a few hundred rows.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import polars as pl

from pipelines.quality.expectations import AuditError, Expectation, Suite
from pipelines.quality.partitions import literal_paths

ROWS_SHOWN = 5


class Profiler:
    """An in-memory DuckDB that reads landing files and nothing else.

    Args:
        now: The moment of the audit, naive UTC: later rows lie in the future.
        spill: An empty folder for what does not fit in memory.
    """

    def __init__(self, *, now: datetime, spill: Path) -> None:
        self._now = now
        self._connection = duckdb.connect(
            config={
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
                "memory_limit": "512MB",
                "temp_directory": str(spill),
            }
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.close()

    def profile(self, suite: Suite, files: Sequence[Path]) -> pl.DataFrame:
        """Measure everything a suite judges.

        Args:
            suite: Of the table that the files hold.
            files: Landing files, at least one.

        Returns:
            A row per usage_date and source: row_count, the suite's measures, and for each row
            expectation the number of bad rows under its name.

        Raises:
            AuditError: A file cannot be read or does not have the table's columns.
        """
        counts = [
            f"count(*) filter (where {expectation.violation}) as {expectation.name}"
            for expectation in suite.row_expectations
        ]
        return self._measured(suite, files, counts)

    def trends(self, suite: Suite, files: Sequence[Path]) -> pl.DataFrame:
        """Measure only what days are compared by: the cheap columns of `profile`.

        Args:
            suite: Of the table that the files hold.
            files: Landing files, at least one.

        Returns:
            A row per usage_date and source: row_count and the suite's trends.

        Raises:
            AuditError: As `profile`.
        """
        return self._measured(suite, files, [], only=suite.trends)

    def failing_rows(
        self, suite: Suite, expectation: Expectation, files: Sequence[Path]
    ) -> dict[date, list[str]]:
        """Find the first rows that break an expectation on each failing day.

        Args:
            suite: The expectation's suite.
            expectation: One that failed.
            files: The landing files of the failing days and sources.

        Returns:
            Day -> up to ROWS_SHOWN "file:line", in order of file and line.

        Raises:
            AuditError: As `profile`.
        """
        frame = self._query(
            f"""{_arrived(suite)}
            select date as usage_date, file_name, line_number from arrived
            where {expectation.offending}
            qualify row_number() over (partition by date order by file_name, line_number)
                <= {ROWS_SHOWN}
            order by usage_date, file_name, line_number""",  # noqa: S608 - a suite's own text
            files,
        )
        found: dict[date, list[str]] = {}
        for day, file_name, line in frame.rows():
            place = str(file_name) if line is None else f"{file_name}:{line}"
            found.setdefault(day, []).append(place)
        return found

    def _measured(
        self,
        suite: Suite,
        files: Sequence[Path],
        counts: Sequence[str],
        only: Collection[str] | None = None,
    ) -> pl.DataFrame:
        measures = [
            f"{sql} as {name}"
            for name, sql in suite.measures.items()
            if only is None or name in only
        ]
        columns = ",\n".join(["count(*) as row_count", *measures, *counts])
        return self._query(
            f"""{_arrived(suite)}
            select date as usage_date, coalesce(source, '') as source, {columns}
            from arrived group by all order by all""",  # noqa: S608 - a suite's own text
            files,
        )

    def _query(self, sql: str, files: Sequence[Path]) -> pl.DataFrame:
        parameters = {"files": literal_paths(files), "now": self._now}
        try:
            frame: pl.DataFrame = self._connection.sql(sql, params=parameters).pl()
        except duckdb.Error as error:
            raise AuditError(
                f"the audit could not read landing: {str(error).splitlines()[0]}",
                "delete the landing folder and run again: it is built anew from the inputs",
            ) from error
        return frame


def _arrived(suite: Suite) -> str:
    derived = "".join(f", {sql} as {name}" for name, sql in suite.derived.items())
    return f"""with arrived as (
        select *, $now::timestamp as audited_at{derived}
        from read_parquet($files, hive_partitioning = true, hive_types = {{'date': date}})
    )"""  # noqa: S608 - a suite's own text
