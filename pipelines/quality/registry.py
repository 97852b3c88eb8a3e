"""Every suite and every expectation, known before a run."""

from pipelines.quality.engine_samples import engine_samples_suite
from pipelines.quality.expectations import ExpectationSpec, Suite
from pipelines.quality.gpu_samples import gpu_samples_suite
from pipelines.quality.usage_events import usage_events_suite

SUITES: tuple[Suite, ...] = (
    usage_events_suite(),
    gpu_samples_suite(),
    engine_samples_suite(),
)


def expectation_specs() -> tuple[ExpectationSpec, ...]:
    """List all expectations in reading order.

    Returns:
        One entry per table and expectation; each pair occurs once.
    """
    return tuple(
        ExpectationSpec(
            table_name=suite.table,
            expectation_name=expectation.name,
            column_name=expectation.column,
            severity=expectation.severity,
            remedy=expectation.remedy,
        )
        for suite in SUITES
        for expectation in suite.expectations
    )
