"""From the warehouse's facts to the files of quota inflation, history kept."""

import duckdb
import polars as pl

from pipelines.demand_facts import read_facts
from pipelines.inflation import TABLES, read_table, report_inflation, write_table
from pipelines.settings import Settings


def measure_inflation(settings: Settings) -> dict[str, int]:
    """Write indexes and causes of all complete periods; returns the rows of each table."""
    folder = settings.forecasts
    with duckdb.connect(settings.warehouse, read_only=True) as connection:
        facts = read_facts(connection)
    published = {name: read_table(name, folder) for name in TABLES}
    tables = published if facts is None else report_inflation(facts, published)
    for name, frame in tables.items():
        write_table(frame, name, folder)
    return {name: frame.height for name, frame in tables.items()}


def ensure_inflation(settings: Settings) -> None:
    """Before the first measurement dbt reads files without rows, in this version's columns."""
    folder = settings.forecasts
    for name, schema in TABLES.items():
        path = folder / f"{name}.parquet"
        if not path.exists() or pl.read_parquet_schema(path) != dict(schema):
            write_table(pl.DataFrame(schema=schema), name, folder)
