"""The SQL of the page that is no metric, one file for each chart or table; it only reads marts."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from ingest.errors import MeterhouseError
from pipelines.dashboard.view import View

Row = dict[str, object]


def rows_of(view: View, name: str, **more: object) -> list[Row]:
    """Run one query of this folder.

    Args:
        view: The snapshot, and the filter whose values the query names: $first, $team.
        name: File name without `.sql`.
        more: Further values that the query names.

    Returns:
        One dictionary for each row; money stays Decimal, dates and times are naive UTC.

    Raises:
        MeterhouseError: The snapshot lacks a mart or a column that the page needs.
    """
    query = Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
    (statement,) = view.connection.extract_statements(query)
    values = view.values() | more
    return fetch(view, query, {value: values[value] for value in statement.named_parameters})


def fetch(view: View, query: str, values: Mapping[str, object] | Sequence[object]) -> list[Row]:
    """Run one parameterized query.

    Raises:
        MeterhouseError: The snapshot lacks a mart or a column.
    """
    try:
        result = view.connection.execute(query, values)
    except (duckdb.CatalogException, duckdb.BinderException) as error:
        raise MeterhouseError(
            f"The published snapshot does not fit this version of the page: {error}",
            "Publish a new one with `meterhouse run`.",
        ) from error
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
