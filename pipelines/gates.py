"""Which gates the marts have passed: checks of the audit, tests of dbt. Publication tells them."""

import json
from collections import Counter
from collections.abc import Mapping

import duckdb

from pipelines.settings import Settings

Gates = Mapping[str, Mapping[str, Mapping[str, int]]]

# A day may be checked by many runs; the newest result is the one that stands.
_CHECKS = """
with
    newest as (
        select severity, is_success
        from {table}
        qualify
            row_number() over (
                partition by table_name, usage_date, expectation_name, column_name
                order by checked_at desc, run_id desc
            )
            = 1
    )
select
    severity, count(*) filter (is_success) as passed, count(*) filter (not is_success) as failed
from newest
group by severity
order by severity
"""
_TEST_OUTCOMES = {"pass": "passed", "warn": "warned"}


def checks_passed(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, dict[str, int]]:
    """Results of the audit by severity: how many passed, how many failed.

    Args:
        connection: Where the table is.
        table: fct_data_quality_results, as the connection names it.
    """
    rows = connection.execute(_CHECKS.format(table=table)).fetchall()
    return {severity: {"passed": passed, "failed": failed} for severity, passed, failed in rows}


def tests_passed(settings: Settings) -> dict[str, int]:
    """Outcomes of dbt's tests in the last build; empty where none is on record."""
    outcomes: Counter[str] = Counter()
    for path in (settings.dbt_target / "builds").glob("*/run_results.json"):
        results = json.loads(path.read_text(encoding="utf-8"))["results"]
        outcomes.update(
            _TEST_OUTCOMES.get(result["status"], "failed")
            for result in results
            if result["unique_id"].startswith("test.")
        )
    return dict(sorted(outcomes.items()))
