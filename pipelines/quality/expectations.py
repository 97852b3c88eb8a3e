"""What an expectation is, how a table's expectations form a suite, and what a check found.

A row expectation is an SQL condition that is true for a bad row. NULL counts as good, so a
condition that looks for a missing value must say `is null`. A day expectation bounds one number
measured per day and source. Both end as a column of the profile (a row per day and source) that
Great Expectations judges.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal

from ingest.errors import MeterhouseError

Severity = Literal["critical", "warning", "info"]


class AuditError(MeterhouseError):
    """The audit itself could not be carried out: nothing is known about the data."""


@dataclass(frozen=True, kw_only=True)
class RowExpectation:
    """No row of a day may meet a condition.

    Attributes:
        name: States what is expected; also the profile column that counts the bad rows.
        column: What is judged, as people know it.
        severity: A failed `critical` expectation stops publication.
        violation: SQL over the suite's columns, true for a bad row.
        remedy: What to do about a failure, as an order.
    """

    name: str
    column: str
    severity: Severity
    violation: str
    remedy: str

    minimum: ClassVar[float | None] = 0
    maximum: ClassVar[float | None] = 0

    @property
    def measure(self) -> str:
        """The profile column to judge: the number of bad rows."""
        return self.name

    @property
    def counted(self) -> str:
        """The profile column that says how many rows a failure concerns."""
        return self.name

    @property
    def offending(self) -> str:
        """SQL, true for the rows to show."""
        return self.violation

    def describe(self, value: float, row_count: int) -> str:
        """Say what was observed on a day that fails."""
        return f"{value:,.0f} of {row_count:,} rows"


@dataclass(frozen=True, kw_only=True)
class DayExpectation:
    """A number measured per day and source must lie between two bounds, both allowed.

    Attributes:
        name: States what is expected.
        column: What is judged, as people know it.
        severity: A failed `critical` expectation stops publication.
        measure: The profile column to judge; NULL there means no verdict.
        minimum: Smallest good value, or None.
        maximum: Largest good value, or None.
        counted: The profile column that says how many rows a failure concerns.
        offending: SQL over the suite's columns: the rows to show for a failure.
        meaning: What the observed value is, such as "times the median of its neighboring days".
        remedy: What to do about a failure, as an order.
    """

    name: str
    column: str
    severity: Severity
    measure: str
    minimum: float | None = None
    maximum: float | None = None
    counted: str = "row_count"
    offending: str = "true"
    meaning: str
    remedy: str

    def describe(self, value: float, row_count: int) -> str:
        """Say what was observed on a day of `row_count` rows that fails."""
        return f"{value:.4g} {self.meaning} ({row_count:,} rows)"


Expectation = RowExpectation | DayExpectation


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The expectations of one canonical table.

    Attributes:
        table: A key of ingest.schema.TABLES.
        derived: Name -> SQL of columns that several conditions share.
        measures: Name -> SQL aggregate per day and source.
        trends: Measures, or row_count, that are compared with the days around; each gives a
            profile column `<measure>_to_median`.
        expectations: In the order people should read them.
    """

    table: str
    derived: Mapping[str, str] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    trends: tuple[str, ...] = ()
    expectations: tuple[Expectation, ...]

    @property
    def row_expectations(self) -> tuple[RowExpectation, ...]:
        """Those that count bad rows."""
        return tuple(item for item in self.expectations if isinstance(item, RowExpectation))


@dataclass(frozen=True, kw_only=True)
class ExpectationSpec:
    """What is known of an expectation before a run."""

    table_name: str
    expectation_name: str
    column_name: str
    severity: Severity
    remedy: str


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """What one expectation found: one result if every day passed, one per failing day otherwise.

    Attributes:
        table_name: The canonical table.
        usage_date: The failing day (UTC); None when all audited days passed.
        expectation_name: As in the registry.
        column_name: What was judged.
        severity: As in the registry.
        is_success: Whether the expectation was met.
        failing_row_count: Rows that the failure concerns; 0 on success.
        observed_value: In words, with its unit.
        failing_rows: Up to five "file:line", one per line of text.
    """

    table_name: str
    usage_date: date | None
    expectation_name: str
    column_name: str
    severity: Severity
    is_success: bool
    failing_row_count: int
    observed_value: str
    failing_rows: str
