"""Every suite and every expectation, known before a run."""

from collections.abc import Sequence

from pipelines.quality import forecast_measures
from pipelines.quality.engine_samples import engine_samples_suite
from pipelines.quality.expectations import ExpectationSpec, Suite
from pipelines.quality.gpu_samples import gpu_samples_suite
from pipelines.quality.usage_events import usage_events_suite

SUITES: tuple[Suite, ...] = (
    usage_events_suite(),
    gpu_samples_suite(),
    engine_samples_suite(),
)
# What landed is judged before dbt, the measures that came of it before the forecasts.
ALL_SUITES: tuple[Suite, ...] = (*SUITES, forecast_measures.SUITE)


def expectation_specs(suites: Sequence[Suite] = SUITES) -> tuple[ExpectationSpec, ...]:
    """List the expectations of suites in reading order.

    Args:
        suites: Those of what landed, unless others are asked for.

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
        for suite in suites
        for expectation in suite.expectations
    )
