"""From the warehouse's daily facts to the forecast files."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import polars as pl

from pipelines.forecast_queries import FACTS, read
from pipelines.forecasting import TABLES, Outcome, empty_table, forecast_all, write_table
from pipelines.settings import Settings


def forecast(settings: Settings, kept_back: pl.DataFrame) -> dict[str, int]:
    """Forecast from the newest facts.

    Args:
        settings: Of the company; its warehouse has been built.
        kept_back: usage_date, measure, expectation_name: days that no forecast may learn from.

    Returns:
        The rows written of each table.
    """
    reason = pl.col("expectation_name").str.replace_all("_", " ") + ": expected, but not so"
    excluded = kept_back.select("measure", "usage_date", reason.alias("reason"))
    with duckdb.connect(settings.warehouse, read_only=True) as connection:
        facts = [read(connection, name) for name in FACTS]
        consumption, spend = read(connection, "quotas"), read(connection, "spend")
        pools, known_costs = read(connection, "pools"), read(connection, "known_costs")
    outcome = forecast_all(
        facts,
        consumption=consumption,
        spend=spend,
        pools=pools,
        known_costs=known_costs,
        excluded=excluded,
        kept=_read(settings.forecasts, "vintages"),
    )
    tables = dict(_tables(outcome)) | {"excluded_days": excluded}
    for name, frame in tables.items():
        write_table(name, frame, settings.forecasts)
    return {name: frame.height for name, frame in tables.items()}


def ensure_forecasts(settings: Settings) -> None:
    """Before the first forecast dbt reads files without rows.

    A file with other columns, of a version before this one, is replaced as well.
    """
    for name in TABLES:
        if not _fits(settings.forecasts, name):
            write_table(name, _read(settings.forecasts, name), settings.forecasts)


def _tables(outcome: Outcome) -> Iterator[tuple[str, pl.DataFrame]]:
    yield "forecasts", outcome.forecasts
    yield "backtests", outcome.backtests
    yield "vintages", outcome.vintages
    yield "quota_exhaustion", outcome.quota_exhaustion
    yield "quota_exhaustion_daily", outcome.quota_exhaustion_daily


def _fits(folder: Path, name: str) -> bool:
    path = folder / f"{name}.parquet"
    return path.exists() and pl.read_parquet_schema(path) == TABLES[name]


def _read(folder: Path, name: str) -> pl.DataFrame:
    """What was kept, in the columns of now; nothing, where it cannot be read as that."""
    path = folder / f"{name}.parquet"
    if path.exists():
        with suppress(pl.exceptions.PolarsError):
            return pl.read_parquet(path).match_to_schema(
                TABLES[name], missing_columns="insert", extra_columns="ignore"
            )
    return empty_table(name)
