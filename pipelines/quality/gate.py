"""The judging pass: Great Expectations on the profile of one table.

Great Expectations runs on pandas here: its SQL engine does not work on DuckDB. It is imported
inside the functions, because the import takes seconds that other commands need not pay.
"""

import os
from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.quality.expectations import AuditError, Expectation, Suite
from pipelines.quality.partitions import Partition

Observed = Mapping[Partition, float]


def judge(suite: Suite, profile: pl.DataFrame) -> dict[str, Observed]:
    """Validate a profile.

    Args:
        suite: What to expect.
        profile: A row per usage_date and source with every column the suite judges.

    Returns:
        Expectation name -> the days and sources that fail it, with the value observed there;
        empty where it is met.

    Raises:
        AuditError: Great Expectations could not compute a result.
    """
    # Read at import; no account, no network and nothing in the home folder either way.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx
    import pandas as pd
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas(suite.table).add_dataframe_asset(suite.table)
    batch = asset.add_batch_definition_whole_dataframe("profile").get_batch(
        {"dataframe": pd.DataFrame(profile.to_dict(as_series=False))}
    )
    validation = batch.validate(
        gx.ExpectationSuite(
            name=suite.table,
            expectations=[_translated(expectation) for expectation in suite.expectations],
        ),
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": ["usage_date", "source"],
        },
    )
    verdicts = {_name(result): _failures(result) for result in validation.results}
    return {expectation.name: verdicts[expectation.name] for expectation in suite.expectations}


def _translated(expectation: Expectation) -> Any:
    from great_expectations import expectations as gxe

    return gxe.ExpectColumnValuesToBeBetween(
        column=expectation.measure,
        min_value=expectation.minimum,
        max_value=expectation.maximum,
        severity=expectation.severity,
        meta={"name": expectation.name},
    )


def _name(result: Any) -> str:
    return str(result.expectation_config.meta["name"])


def _failures(result: Any) -> Observed:
    _require_computed(result)
    if result.success:
        return {}
    column = result.expectation_config.kwargs["column"]
    return {
        Partition(usage_date=row["usage_date"], source=row["source"]): float(row[column])
        for row in result.result["unexpected_index_list"]
    }


def _require_computed(result: Any) -> None:
    """Refuse a result that says 'failed' because the library itself failed.

    Its `exception_info` is flat, or one such mapping per metric.
    """
    information = result.exception_info or {}
    entries = [information, *(entry for entry in information.values() if isinstance(entry, dict))]
    for entry in entries:
        if entry.get("raised_exception"):
            raise AuditError(
                f"the audit could not compute {_name(result)}: {entry.get('exception_message')}",
                "this says nothing about the data; run `meterhouse doctor`, then run again",
            )
