"""AI quota inflation: price indexes and the causes of growth. No Dagster, no database."""

from pipelines.inflation.facts import Facts
from pipelines.inflation.report import report_inflation
from pipelines.inflation.tables import TABLES, read_table, write_table

__all__ = ["TABLES", "Facts", "read_table", "report_inflation", "write_table"]
