"""The marts as an Excel workbook, for who wants to look and add up by hand."""

import math
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from ingest.errors import MeterhouseError
from pipelines.analyst.copies import Table, snapshot_tables
from pipelines.publish import read_current
from pipelines.settings import Settings

# Excel takes 1,048,576 rows; a sheet that opens in a moment has fewer.
ROWS_BY_DEFAULT = 50_000
ROWS_AT_MOST = 1_000_000
_TEXT_AT_MOST = 32_767
_NAME_AT_MOST = 31
# A number of Excel has 15 digits. Beyond them a whole number would lose its last ones.
_EXACT_BELOW = 10**15


def export_excel(settings: Settings, target: Path, names: Sequence[str] = ()) -> list[Table]:
    """Write marts as sheets of one workbook, after a sheet of contents and one of columns.

    Text is written as text, whatever it begins with: a cell of a log is never a formula. Money is
    a number of 15 digits there; exact decimals are in the snapshot and in Parquet.

    Args:
        settings: Whose data folder.
        target: An .xlsx file; an older one is replaced when the new one is complete.
        names: Tables to write; without them all of at most ROWS_BY_DEFAULT rows.

    Returns:
        The tables that are in it.

    Raises:
        MeterhouseError: Nothing is published, no such table, too many rows, or the disk refuses.
    """
    if target.suffix != ".xlsx":
        raise MeterhouseError(f"{target} should end with .xlsx.")
    unfinished = target.with_name(f".unfinished-{target.name}")
    with read_current(settings) as connection:
        tables = snapshot_tables(connection)
        chosen = _chosen(tables, names)
        try:
            _write(connection, unfinished, tables, chosen)
            unfinished.replace(target)
        except (OSError, duckdb.Error, xlsxwriter.exceptions.XlsxWriterException) as error:
            raise MeterhouseError(f"{target} could not be written: {error}") from error
        finally:
            unfinished.unlink(missing_ok=True)
    return chosen


def _chosen(tables: Sequence[Table], names: Sequence[str]) -> list[Table]:
    known = {table.name: table for table in tables}
    for name in names:
        if name not in known:
            raise MeterhouseError(f"There is no table {name!r}.", f"Tables: {', '.join(known)}")
        if known[name].rows > ROWS_AT_MOST:
            raise MeterhouseError(
                f"{name} has {known[name].rows:,} rows, more than a sheet takes.",
                "Write it with `meterhouse export parquet`, or sum it up with `meterhouse sql`.",
            )
    if names:
        return [known[name] for name in dict.fromkeys(names)]
    return [table for table in tables if table.rows <= ROWS_BY_DEFAULT]


def _write(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    tables: Sequence[Table],
    chosen: Sequence[Table],
) -> None:
    options = {
        "constant_memory": True,
        "default_date_format": "yyyy-mm-dd",
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(path, options) as workbook:
        head = workbook.add_format({"bold": True, "bottom": 1})
        moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        contents = (
            (t.name, t.rows, "yes" if t in chosen else "too many rows", t.description)
            for t in tables
        )
        columns = ((t.name, name, told) for t in chosen for name, told in t.columns.items())
        sheets: list[tuple[str, Sequence[str], Iterable[Sequence[object]]]] = [
            ("contents", ("table", "rows", "in this file", "description"), contents),
            ("columns", ("table", "column", "description"), columns),
        ]
        for name, names, rows in sheets:
            _fill(workbook.add_worksheet(name), names, rows, head, moment)
        for table in chosen:
            cursor = connection.execute(f"from {table.name}")
            sheet = workbook.add_worksheet(table.name[:_NAME_AT_MOST])
            _fill(sheet, list(table.columns), iter(cursor.fetchone, None), head, moment)


def _fill(
    sheet: Worksheet,
    names: Sequence[str],
    rows: Iterable[Sequence[object]],
    head: object,
    moment: object,
) -> None:
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(names) - 1, 18)
    for place, name in enumerate(names):
        sheet.write_string(0, place, name, head)
    line = 0
    for line, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            _write_cell(sheet, line, place, value, moment)
    sheet.autofilter(0, 0, line, len(names) - 1)


def _write_cell(sheet: Worksheet, line: int, place: int, value: object, moment: object) -> None:
    match value:
        case None:
            return  # unknown is an empty cell, never 0
        case bool():
            sheet.write_boolean(line, place, value)
        case int() if abs(value) < _EXACT_BELOW:
            sheet.write_number(line, place, value)
        case float() | Decimal() if math.isfinite(value):
            sheet.write_number(line, place, float(value))
        case datetime():
            sheet.write_datetime(line, place, value, moment)
        case date():
            sheet.write_datetime(line, place, value)
        case _:
            sheet.write_string(line, place, str(value)[:_TEXT_AT_MOST])
