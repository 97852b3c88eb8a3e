"""What a company's published snapshot says, compared exactly."""

from pathlib import Path

import duckdb

# Times and ids of the run itself, and what earlier runs foretold.
OF_THE_RUN = ("fct_data_quality_results", "fct_forecast_vintages", "meterhouse_snapshot")
# Which of several equal deliveries a request was taken from.
LINEAGE = ("file_name", "line_number")
# What was published before late files restated it, which a company that had them at once never did.
RESTATED = ("fct_price_index", "fct_quota_inflation_index", "fct_cost_drivers")


def query(data: Path, sql: str) -> list[tuple[object, ...]]:
    """Rows of a query on the current snapshot, opened as an analyst opens it."""
    with duckdb.connect(data / "published" / "current.duckdb", read_only=True) as connection:
        return connection.execute(sql).fetchall()


def differences(expected: Path, found: Path) -> dict[str, tuple[int, int]]:
    """Marts with rows that only one company has: how many on either side."""
    with duckdb.connect() as connection:
        for name, data in (("expected", expected), ("found", found)):
            path = (data / "published" / "current.duckdb").resolve()
            connection.execute(f"attach '{path}' as {name} (read_only)")
        counts = {table: _surplus(connection, table) for table in _marts(connection)}
    return {table: surplus for table, surplus in counts.items() if surplus != (0, 0)}


def _marts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute("select distinct table_name from duckdb_tables()").fetchall()
    marts = [table for (table,) in rows if table not in OF_THE_RUN]
    assert len(marts) >= 12, f"too few marts to compare: {marts}"
    return marts


def _surplus(connection: duckdb.DuckDBPyConnection, table: str) -> tuple[int, int]:
    columns = f"select columns(lambda name: name not in {(*LINEAGE, 'vintage')})"
    rows_of = f"{table} where is_current" if table in RESTATED else table
    expected, found = (f"{columns} from {name}.{rows_of}" for name in ("expected", "found"))
    rows = [
        connection.execute(f"from ({left} except all {right})").fetchall()
        for left, right in ((expected, found), (found, expected))
    ]
    return len(rows[0]), len(rows[1])
