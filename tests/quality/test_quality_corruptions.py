"""Each corruption is caught by its expectation, with file and line, and by no other."""

import pytest
from conftest import place_of
from quality_corruptions import CORRUPTIONS, Corruption

from pipelines.quality import CheckResult, ExpectationSpec, expectation_specs


def _failures(results: tuple[CheckResult, ...], case: Corruption) -> dict[str, CheckResult]:
    source, day = place_of(case)
    return {
        result.expectation_name: result
        for result in results
        if not result.is_success
        and (result.table_name, result.usage_date) == (case.table, day)
        and f"{source}: " in result.observed_value
    }


@pytest.mark.parametrize("case", CORRUPTIONS, ids=lambda c: f"{c.table}-{c.expectation}-{c.label}")
def test_a_corrupted_measure_is_caught_by_its_expectation_alone_and_shown_by_line(
    corrupted: tuple[CheckResult, ...], case: Corruption
) -> None:
    source, day = place_of(case)
    failures = _failures(corrupted, case)
    assert set(failures) == {case.expectation, *case.also}
    shown = failures[case.expectation].failing_rows.split("\n")
    assert failures[case.expectation].failing_row_count == case.counted
    assert [row for row in shown if row] == [f"{source}/{day}.ndjson:{line}" for line in case.lines]


@pytest.mark.parametrize(
    "spec", expectation_specs(), ids=lambda s: f"{s.table_name}-{s.expectation_name}"
)
def test_no_expectation_is_left_without_a_corruption_that_it_must_catch(
    spec: ExpectationSpec,
) -> None:
    tried = {(case.table, case.expectation) for case in CORRUPTIONS}
    assert (spec.table_name, spec.expectation_name) in tried


def test_no_name_stands_for_two_expectations_of_a_table() -> None:
    names = [(spec.table_name, spec.expectation_name) for spec in expectation_specs()]
    assert len(names) == len(set(names))


def test_results_follow_the_registry_and_carry_its_severities(
    corrupted: tuple[CheckResult, ...],
) -> None:
    registered = [(s.table_name, s.expectation_name, s.severity) for s in expectation_specs()]
    found = [(r.table_name, r.expectation_name, r.severity) for r in corrupted]
    assert list(dict.fromkeys(found)) == registered
