"""Answers of queries, as a table for people or as CSV, JSON or Markdown for what comes next."""

import csv
from collections.abc import Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import TextIO

import duckdb
import msgspec
from rich.console import Console
from rich.table import Table

from ingest.errors import MeterhouseError

# A terminal is no place for more; files and pipes get every row.
ROWS_SHOWN = 200
_ROWS_AT_ONCE = 10_000
_UNKNOWN = "NULL"
_JSON = msgspec.json.Encoder(decimal_format="number", enc_hook=str)
_NUMBERS = ("INT", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT")
# Places after the point of a ratio or rate in a table; CSV and JSON have every one.
_DOUBLE_DIGITS = 8


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    MARKDOWN = "markdown"


def write_answer(cursor: duckdb.DuckDBPyConnection, output: TextIO, chosen: Format) -> None:
    """Write the rows that wait in a connection.

    Args:
        cursor: A connection after `execute`.
        output: Where to; CSV and JSON are written as the rows come.
        chosen: A table shows at most ROWS_SHOWN rows and says how many it left out.

    Raises:
        MeterhouseError: A value cannot be read.
    """
    names = [name for name, *_ in cursor.description or ()]
    match chosen:
        case Format.TABLE:
            _write_table(cursor, names, output)
        case Format.CSV:
            writer = csv.writer(output, lineterminator="\n")
            writer.writerow(names)
            writer.writerows([_exact(value) for value in row] for row in _rows(cursor))
        case Format.JSON:
            _write_json(cursor, names, output)
        case Format.MARKDOWN:
            output.write(markdown(names, cursor.fetchall()))


def markdown(names: Sequence[str], rows: Sequence[tuple[object, ...]]) -> str:
    """Rows as a table in Markdown; numbers to the right."""
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    rules = ["---:" if _is_numeric(column) else "---" for column in columns]
    lines = [names, rules, *([_shown(value).replace("|", "\\|") for value in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _write_table(cursor: duckdb.DuckDBPyConnection, names: Sequence[str], output: TextIO) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name, kind in zip(names, cursor.description or (), strict=True):
        right = any(word in str(kind[1]).upper() for word in _NUMBERS)
        table.add_column(name, justify="right" if right else "left", overflow="fold")
    rows = cursor.fetchmany(ROWS_SHOWN + 1)
    for row in rows[:ROWS_SHOWN]:
        table.add_row(*(_shown(value) for value in row))
    # A pipe has no width that a table should bow to.
    console = Console(
        file=output, highlight=False, markup=False, width=None if output.isatty() else 1000
    )
    console.print(table)
    if len(rows) > ROWS_SHOWN:
        console.print(f"Only the first {ROWS_SHOWN} rows; --csv and --json write them all.")


def _write_json(cursor: duckdb.DuckDBPyConnection, names: Sequence[str], output: TextIO) -> None:
    separator = "[\n"
    for row in _rows(cursor):
        record = {n: _finite(value) for n, value in zip(names, row, strict=True)}
        output.write(separator + _JSON.encode(record).decode())
        separator = ",\n"
    output.write("[]\n" if separator == "[\n" else "\n]\n")


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[object, ...]]:
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        yield from rows


def _shown(value: object) -> str:
    match value:
        case None:
            return _UNKNOWN
        case Decimal() if value.is_finite():
            # Twelve places of money are for sums; a reader needs those that say something.
            whole, _, places = f"{value:f}".partition(".")
            return f"{whole}.{places.rstrip('0').ljust(2, '0')}" if places else whole
        case float():
            # Through Decimal: 0.00004 is read more easily than 4e-05.
            rounded = f"{value:.{_DOUBLE_DIGITS}g}"
            return f"{Decimal(rounded):f}" if 1e-9 < abs(value) < 1e15 else rounded
        case _:
            return str(value)


def _exact(value: object) -> object:
    match value:
        case Decimal():
            return f"{value:f}"
        case bool():
            return str(value).lower()
        case _:
            return value


def _finite(value: object) -> object:
    return None if isinstance(value, float) and value - value != 0 else value


def _is_numeric(column: Sequence[object]) -> bool:
    known = [value for value in column if value is not None]
    return bool(known) and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in known
    )


def fault_of(error: duckdb.Error) -> MeterhouseError:
    """What DuckDB says about a query, with what helps on."""
    said = str(error).strip().splitlines() or [type(error).__name__]
    if isinstance(error, duckdb.CatalogException | duckdb.BinderException):
        return MeterhouseError(*said, "See .tables, .describe TABLE and .glossary WORD.")
    if isinstance(error, duckdb.PermissionException) or "read-only" in said[0]:
        return MeterhouseError(*said, "The snapshot can be read, and nothing be written.")
    return MeterhouseError(*said)
