"""The only SQL of the page, one file for each chart or table; each selects and sums marts."""

from pathlib import Path

import duckdb

from ingest.errors import MeterhouseError

Row = dict[str, object]


def rows_of(connection: duckdb.DuckDBPyConnection, name: str) -> list[Row]:
    """Run one query of this folder.

    Args:
        connection: Open on a snapshot.
        name: File name without `.sql`.

    Returns:
        One dictionary for each row; money stays Decimal, dates and times are naive UTC.

    Raises:
        MeterhouseError: The snapshot lacks a mart or a column that the page needs.
    """
    query = Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
    try:
        result = connection.execute(query)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise MeterhouseError(
            f"The published snapshot does not fit this version of the page: {error}",
            "Publish a new one with `meterhouse run`.",
        ) from error
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
