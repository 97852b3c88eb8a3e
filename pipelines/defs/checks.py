"""Expectations as asset checks: what each promises, and what it found."""

from collections.abc import Iterable, Iterator

import dagster as dg

from pipelines.quality import CheckResult
from pipelines.quality.expectations import ExpectationSpec


def check_spec(spec: ExpectationSpec, asset: dg.AssetKey) -> dg.AssetCheckSpec:
    """Declare an expectation as a check of an asset; a critical one blocks what follows."""
    return dg.AssetCheckSpec(
        spec.expectation_name,
        asset=asset,
        blocking=spec.severity == "critical",
        description=f"{spec.column_name}: {spec.remedy}",
    )


def check_result(
    spec: ExpectationSpec, asset: dg.AssetKey, results: Iterable[CheckResult]
) -> dg.AssetCheckResult:
    """Report how an expectation fared among all results of an audit."""
    failed = list(_failed(spec, results))
    is_critical = spec.severity == "critical"
    return dg.AssetCheckResult(
        asset_key=asset,
        check_name=spec.expectation_name,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if is_critical else dg.AssetCheckSeverity.WARN,
        metadata={
            "failing_days": len(failed),
            "failing_rows": sum(result.failing_row_count for result in failed),
            "first_rows": "; ".join(result.failing_rows for result in failed[:3]),
        },
    )


def _failed(spec: ExpectationSpec, results: Iterable[CheckResult]) -> Iterator[CheckResult]:
    for result in results:
        is_of_spec = (result.table_name, result.expectation_name) == (
            spec.table_name,
            spec.expectation_name,
        )
        if is_of_spec and not result.is_success:
            yield result
