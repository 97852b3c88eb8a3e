"""What the forecast reads from the warehouse."""

from importlib.resources import files

import duckdb
import polars as pl

from pipelines.forecasting.panel import HISTORY_DAYS

FACTS = ("usage", "costs", "users", "gpu_hours", "telemetry")


def read(connection: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    """The answer of one query of this folder, in the same order every time."""
    query = files(__package__).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    needed = {"days": HISTORY_DAYS} if "$days" in query else None
    rows: pl.DataFrame = connection.sql(f"from ({query}) order by all", params=needed).pl()
    return rows
