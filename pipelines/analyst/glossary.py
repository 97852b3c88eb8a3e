"""What tables, columns and metrics mean, out of the comments that the snapshot carries."""

import duckdb

from ingest.errors import MeterhouseError

TABLES = """
select table_name as "table", estimated_size as "rows", comment as description
from duckdb_tables()
where database_name = current_database() and schema_name = 'main' order by 1
"""
_COLUMNS = """
select column_name as "column", lower(data_type) as type, comment as description
from duckdb_columns()
where database_name = current_database() and schema_name = 'main' and table_name = ?
order by column_index
"""
# One row for each meaning: a column of many tables is told once, with where it is.
_WORD = """
select term, "where", description from (
    select 1 as place, table_name as term, 'table' as "where", comment as description
    from duckdb_tables()
where database_name = current_database() and schema_name = 'main'
    union all
    select 2, metric_name, 'metric', title || ' (' || unit || '). ' || description from dim_metrics
    union all
    select 3, column_name, string_agg(table_name, ', ' order by table_name), comment
    from duckdb_columns()
    where database_name = current_database() and schema_name = 'main'
    group by column_name, comment
)
where contains(lower(term), lower($word)) or contains(lower(description), lower($word))
order by contains(lower(term), lower($word)) desc, place, term, "where"
"""
METRICS = """
select metric_name as metric, title, unit, mart, description from dim_metrics order by mart, 1
"""


def tables(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Every table with its rows and description."""
    return connection.execute(TABLES)


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> duckdb.DuckDBPyConnection:
    """Columns of a table, with type and description.

    Raises:
        MeterhouseError: There is no such table.
    """
    names = [name for name, *_ in connection.execute(TABLES).fetchall()]
    if table not in names:
        raise MeterhouseError(f"There is no table {table!r}.", f"Tables: {', '.join(names)}")
    return connection.execute(_COLUMNS, [table])


def explained(connection: duckdb.DuckDBPyConnection, word: str) -> duckdb.DuckDBPyConnection:
    """Tables, metrics and columns whose name or description has the word; names come first.

    Raises:
        MeterhouseError: There is no word.
    """
    if not word:
        raise MeterhouseError("Which word? Write: .glossary idle")
    return connection.execute(_WORD, {"word": word})


def metric_list(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Every metric, by mart."""
    return connection.execute(METRICS)
