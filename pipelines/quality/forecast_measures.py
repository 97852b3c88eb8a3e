"""The guard of the forecasts: daily measures as they come out of the warehouse.

The audit of what landed sees one file or day at a time. What only the whole shows is judged here: a
unit that changed, a day that was loaded twice, an account that fell silent, prices that are
missing. A critical failure stops publication, a warning keeps the day from the forecasts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from pipelines.quality.expectations import CheckResult, DayExpectation, Suite
from pipelines.quality.findings import failed, passed
from pipelines.quality.gate import judge

# A launch or a holiday changes a company's day less than tenfold; a wrong unit a thousandfold.
COMPANY_FACTOR: Final = 10
# A team may begin, end or double its work at any time; three hundred is already a unit.
TEAM_FACTOR: Final = 300
UNKNOWN_RATIO: Final = 0.01

SUITE: Final = Suite(
    table="forecast_measures",
    expectations=(
        DayExpectation(
            name="measures_are_not_negative",
            column="measured_value",
            severity="critical",
            measure="measured_value",
            minimum=0,
            meaning="in all",
            remedy="look for lines with negative counts or money: nothing is used less than not",
        ),
        DayExpectation(
            name="parts_are_within_the_whole",
            column="token classes and failed requests",
            severity="critical",
            measure="wrong_sum_count",
            maximum=0,
            meaning="rows in which a part is more than the whole, or parts miss the sum",
            remedy="run `meterhouse doctor`, then build everything anew: a rule is broken",
        ),
        DayExpectation(
            name="days_are_not_in_the_future",
            column="usage_date",
            severity="critical",
            measure="days_ahead",
            maximum=1,
            meaning="days ahead of the clock",
            remedy="check the clock of the host that wrote the logs",
        ),
        DayExpectation(
            name="values_are_near_those_of_other_weeks",
            column="measured_value",
            severity="warning",
            measure="value_to_median_ratio",
            minimum=1 / COMPANY_FACTOR,
            maximum=COMPANY_FACTOR,
            meaning="times the median of that weekday in the weeks around",
            remedy="check whether files are missing, were loaded twice, or changed their unit",
        ),
        DayExpectation(
            name="no_team_changes_its_unit",
            column="measured_value",
            severity="warning",
            measure="farthest_team_ratio",
            maximum=TEAM_FACTOR,
            meaning="times, or one part in as many of, what the farthest team uses that weekday",
            remedy="check the unit of that team's logs",
        ),
        DayExpectation(
            name="prices_are_known",
            column="effective_cost_usd",
            severity="warning",
            measure="unknown_ratio",
            maximum=UNKNOWN_RATIO,
            meaning="of the day's cloud tokens have no price",
            remedy="add the models to ledgers/contract_prices.csv, or import a newer price list",
        ),
        DayExpectation(
            name="no_day_is_repeated",
            column="usage_date",
            severity="warning",
            measure="days_since_repeated",
            maximum=0,
            meaning="days after a day with the same tokens hour by hour",
            remedy="check whether an export was delivered with another day's date",
        ),
        DayExpectation(
            name="no_account_is_silent",
            column="account_id",
            severity="warning",
            measure="silent_account_count",
            maximum=0,
            meaning="accounts without usage that have some on this weekday in the weeks around",
            remedy="add the files of the day if there was usage",
        ),
    ),
)


@dataclass(frozen=True, kw_only=True)
class Guarded:
    """What the guard found.

    Attributes:
        results: As an audit gives them, in the suite's order.
        excluded: usage_date, measure, expectation_name: days that no forecast may learn from.
        is_stopped: A critical expectation failed.
    """

    results: tuple[CheckResult, ...]
    excluded: pl.DataFrame
    is_stopped: bool


def guard(measures: pl.DataFrame, *, today: date) -> Guarded:
    """Judge the daily measures.

    Args:
        measures: The rows of int_forecast_measures_daily.
        today: The day in progress (UTC). It and what lies after it are incomplete, so only the
            critical expectations judge them.

    Raises:
        AuditError: Great Expectations could not compute a result.
    """
    profile = _profile(measures, today)
    verdicts = judge(SUITE, profile) if profile.height else {}
    results: list[CheckResult] = []
    excluded: list[tuple[date, str, str]] = []
    for expectation in SUITE.expectations:
        observed = verdicts.get(expectation.name, {})
        if not observed:
            results.append(passed(SUITE, expectation, profile))
            continue
        results += failed(SUITE, expectation, observed, profile, _named(measures, expectation.name))
        if expectation.severity == "warning":
            excluded += [(key.usage_date, key.source, expectation.name) for key in observed]
    schema = {"usage_date": pl.Date, "measure": pl.String, "expectation_name": pl.String}
    return Guarded(
        results=tuple(results),
        excluded=pl.DataFrame(sorted(excluded), schema=schema, orient="row"),
        is_stopped=any(
            not result.is_success and result.severity == "critical" for result in results
        ),
    )


def _profile(measures: pl.DataFrame, today: date) -> pl.DataFrame:
    """What the suite judges: a row per day and measure, which stands where a source stands."""
    is_over = pl.col("usage_date") < today
    since = (pl.col("usage_date") - pl.col("repeated_date")).dt.total_days().cast(pl.Float64)
    judged = (
        "value_to_median_ratio",
        "farthest_team_ratio",
        "unknown_ratio",
        "days_since_repeated",
        "silent_account_count",
    )
    return measures.with_columns(
        pl.col("measure").alias("source"),
        since.alias("days_since_repeated"),
        (pl.col("usage_date") - pl.lit(today)).dt.total_days().cast(pl.Float64).alias("days_ahead"),
    ).with_columns(pl.when(is_over).then(pl.col(name)).alias(name) for name in judged)


def _named(measures: pl.DataFrame, expectation: str) -> Mapping[date, list[str]]:
    """The team or account a failure is about, by day."""
    column = {
        "no_team_changes_its_unit": "farthest_team_id",
        "no_account_is_silent": "silent_account_id",
    }.get(expectation)
    if column is None:
        return {}
    rows = measures.filter(pl.col(column).is_not_null()).sort("usage_date", "measure")
    return {row["usage_date"]: [row[column]] for row in rows.iter_rows(named=True)}
