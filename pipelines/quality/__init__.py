"""The gate between landing and the warehouse: what arrived is audited before dbt sees it."""

from pipelines.quality.audit import audit
from pipelines.quality.expectations import AuditError, CheckResult, ExpectationSpec
from pipelines.quality.registry import expectation_specs
from pipelines.quality.results import (
    add_results,
    explain_failures,
    read_results,
    write_results,
)

__all__ = [
    "AuditError",
    "CheckResult",
    "ExpectationSpec",
    "add_results",
    "audit",
    "expectation_specs",
    "explain_failures",
    "read_results",
    "write_results",
]
