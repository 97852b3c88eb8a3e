"""Between the warehouse and the forecasts: the daily measures are judged, wrong days kept back."""

from datetime import UTC, datetime

import duckdb
import polars as pl

from pipelines.quality import add_results
from pipelines.quality.forecast_measures import Guarded, guard
from pipelines.settings import Settings

MEASURES = "from intermediate.int_forecast_measures_daily order by all"
# What is wrong with a day's tokens is wrong with each class of them, and so with requests' users.
TOLD_BY = {
    "total_tokens": (
        "input_tokens",
        "uncached_input_tokens",
        "cache_read_input_tokens",
        "cache_write_input_tokens",
        "output_tokens",
        "reasoning_output_tokens",
        "other_output_tokens",
    ),
    "request_count": ("active_user_count",),
}


def guard_forecasts(settings: Settings, run_id: str) -> Guarded:
    """Judge the warehouse's daily measures and write the results beside the audit's.

    Args:
        settings: Of the company; its warehouse has been built.
        run_id: Of the run whose audit results these are added to.

    Returns:
        What was found; `excluded` has each measure that a failed one stands for, too.

    Raises:
        AuditError: Great Expectations could not compute a result.
    """
    now = datetime.now(UTC)
    with duckdb.connect(settings.warehouse, read_only=True) as connection:
        measures = connection.sql(MEASURES).pl()
    guarded = guard(measures, today=now.date())
    add_results(guarded.results, settings.quality_results, run_id, now)
    return Guarded(
        results=guarded.results,
        excluded=with_what_follows(guarded.excluded),
        is_stopped=guarded.is_stopped,
    )


def with_what_follows(excluded: pl.DataFrame) -> pl.DataFrame:
    """Excluded days of every measure that the guard judges through another one.

    Args:
        excluded: usage_date, measure, expectation_name.

    Returns:
        The same columns, each row once.
    """
    told = [excluded]
    for measure, others in TOLD_BY.items():
        rows = excluded.filter(pl.col("measure") == measure)
        told += [rows.with_columns(pl.lit(other).alias("measure")) for other in others]
    return pl.concat(told).unique().sort(excluded.columns)
