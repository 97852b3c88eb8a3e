"""From verdicts on profile rows to results that people and the mart can read."""

from collections.abc import Mapping
from datetime import date

import polars as pl

from pipelines.quality.expectations import CheckResult, Expectation, Suite
from pipelines.quality.gate import Observed
from pipelines.quality.partitions import Partition


def passed(suite: Suite, expectation: Expectation, profile: pl.DataFrame) -> CheckResult:
    """Give the one result of an expectation that every audited day meets.

    Args:
        suite: The expectation's suite.
        expectation: One that did not fail.
        profile: What was judged; empty where no rows arrived.

    Returns:
        A result without a day, which states how much was judged.
    """
    return CheckResult(
        table_name=suite.table,
        usage_date=None,
        expectation_name=expectation.name,
        column_name=expectation.column,
        severity=expectation.severity,
        is_success=True,
        failing_row_count=0,
        observed_value=_extent(profile),
        failing_rows="",
    )


def failed(
    suite: Suite,
    expectation: Expectation,
    observed: Observed,
    profile: pl.DataFrame,
    rows: Mapping[date, list[str]],
) -> list[CheckResult]:
    """Give the results of an expectation that some days fail.

    Args:
        suite: The expectation's suite.
        expectation: One that failed.
        observed: The failing days and sources, with their values.
        profile: What was judged.
        rows: Day -> the first "file:line" that fail.

    Returns:
        One result per failing day, in order.
    """
    facts = {
        Partition(usage_date=row["usage_date"], source=row["source"]): row
        for row in profile.iter_rows(named=True)
    }
    return [
        CheckResult(
            table_name=suite.table,
            usage_date=day,
            expectation_name=expectation.name,
            column_name=expectation.column,
            severity=expectation.severity,
            is_success=False,
            failing_row_count=sum(int(facts[key][expectation.counted]) for key in keys),
            observed_value="; ".join(
                f"{key.source}: {expectation.describe(observed[key], facts[key]['row_count'])}"
                for key in keys
            ),
            failing_rows="\n".join(rows.get(day, [])),
        )
        for day, keys in _by_day(observed).items()
    ]


def _by_day(observed: Observed) -> dict[date, list[Partition]]:
    days: dict[date, list[Partition]] = {}
    for key in sorted(observed):
        days.setdefault(key.usage_date, []).append(key)
    return days


def _extent(profile: pl.DataFrame) -> str:
    if profile.is_empty():
        return "no rows arrived"
    rows, days = profile["row_count"].sum(), profile["usage_date"].n_unique()
    return f"{rows:,} rows of {days:,} day{'' if days == 1 else 's'}"
