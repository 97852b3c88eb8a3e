"""Ledgers, the CSV files that users keep: validated, typed and landed as Parquet."""

import csv
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Final

import polars as pl

from ingest.errors import MeterhouseError
from ingest.files import write_parquet_atomically
from ingest.ledger_checks import ROW_NUMBER, cross_checks
from ingest.ledger_row_checks import row_faults
from ingest.ledger_specs import LEDGERS, Column, Ledger
from ingest.ledger_values import LedgerValueError, parse_value
from ingest.privacy import Identities, without_raw_keys

__all__ = ["LEDGERS", "Column", "Ledger", "land_ledgers", "ledger_docs", "validate"]

LANDED_FOLDER: Final = "_ledgers"

Row = dict[str, object]


def validate(ledgers: Path) -> tuple[dict[str, pl.DataFrame], list[str]]:
    """Read and check every ledger.

    Args:
        ledgers: The folder with <ledger>.csv files; each may be absent.

    Returns:
        Ledger name -> typed rows (the columns of its spec, row_number = line in the CSV file; no
        rows where the file is absent), and one line per fault: file, row, column, remedy. Rows
        with faults are left out.
    """
    errors = _unknown_files(ledgers)
    rows: dict[str, list[Row]] = {}
    for name, ledger in LEDGERS.items():
        path = ledgers / f"{name}.csv"
        rows[name] = _read(path, ledger, errors) if path.is_file() else []
    if not errors:
        errors += cross_checks(rows)
    return {name: _frame(LEDGERS[name], found) for name, found in rows.items()}, errors


def land_ledgers(
    ledgers: Path, landing: Path, identities: Identities | None = None
) -> dict[str, pl.DataFrame]:
    """Write every ledger as typed Parquet to landing/_ledgers; unchanged ones are left alone.

    Args:
        ledgers: The folder with <ledger>.csv files; each may be absent.
        landing: Gets _ledgers/<ledger>.parquet.
        identities: Hashes identities as it does those of the events, so that they still match.

    Raises:
        MeterhouseError: A ledger has faults; every fault is a line of it. Nothing is written.
    """
    frames, errors = validate(ledgers)
    if errors:
        raise MeterhouseError(*errors)
    frames = {name: without_raw_keys(frame) for name, frame in frames.items()}
    if identities is not None:
        frames = {name: identities.hashed(frame) for name, frame in frames.items()}
    for name, frame in frames.items():
        path = landing / LANDED_FOLDER / f"{name}.parquet"
        if not path.exists() or not _holds(path, frame):
            write_parquet_atomically(frame, path)
    return frames


def ledger_docs() -> str:
    """The columns of every ledger as Markdown."""
    sections = []
    for name, ledger in LEDGERS.items():
        rows = "\n".join(
            f"| `{column.name}` | {column.kind_text} | {'yes' if column.is_required else ''} "
            f"| {column.doc} |"
            for column in ledger.columns
        )
        sections.append(
            f"### ledgers/{name}.csv\n\n{ledger.doc}\n\n"
            f"| column | type | required | meaning |\n|---|---|---|---|\n{rows}\n"
        )
    return "\n".join(sections)


def _holds(path: Path, frame: pl.DataFrame) -> bool:
    landed = pl.read_parquet(path)
    return landed.schema == frame.schema and landed.equals(frame)


def _unknown_files(ledgers: Path) -> list[str]:
    return [
        f"ledgers/{path.name}: no such ledger{_did_you_mean(path.stem, list(LEDGERS))}"
        for path in sorted(ledgers.glob("*.csv"))
        if path.stem not in LEDGERS
    ]


def _did_you_mean(name: str, names: list[str]) -> str:
    closest = get_close_matches(name, names, n=1)
    return f"; did you mean {closest[0]}?" if closest else f"; known: {', '.join(names)}"


def _read(path: Path, ledger: Ledger, errors: list[str]) -> list[Row]:
    """Typed rows of one file; appends to errors."""
    file = f"ledgers/{path.name}"
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        errors.append(f"{file}: not UTF-8; save the file as CSV in UTF-8")
        return []
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    rows: list[Row] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        faults = _header_faults(header, ledger)
        errors += [f"{file}:1: {fault}" for fault in faults]
        if faults:
            return []
        for cells in reader:
            if any(cell.strip() for cell in cells):
                # line_num is that of the row's last line; quoted cells with line breaks are rare.
                rows += _typed_row(cells, header, ledger, f"{file}:{reader.line_num}", errors)
    except csv.Error as error:
        errors.append(f"{file}:{reader.line_num}: not CSV ({error}); check the quotation marks")
    return rows


def _header_faults(header: list[str], ledger: Ledger) -> list[str]:
    names = [column.name for column in ledger.columns]
    if not header:
        return [f"no header; the first line names the columns: {','.join(names)}"]
    faults = [
        f"column {name!r} is not one of this ledger's{_did_you_mean(name, names)}"
        for name in header
        if name not in names
    ]
    faults += [
        f"column {column.name} is missing; add it to the header"
        for column in ledger.columns
        if column.is_required and column.name not in header
    ]
    faults += [f"column {name} is there twice" for name in names if header.count(name) > 1]
    return faults


def _typed_row(
    cells: list[str], header: list[str], ledger: Ledger, place: str, errors: list[str]
) -> list[Row]:
    """The row in a list, or an empty list if it has faults."""
    if len(cells) != len(header):
        errors.append(
            f"{place}: {len(cells)} cells under {len(header)} columns; check commas and quotes"
        )
        return []
    texts = dict(zip(header, cells, strict=True))
    row: Row = {}
    faults = []
    for column in ledger.columns:
        text = texts.get(column.name, "").strip()
        try:
            row[column.name] = parse_value(text, column)
        except LedgerValueError as error:
            faults.append(f"{place}: {column.name}: {error}")
    row[ROW_NUMBER] = int(place.rpartition(":")[2])
    if not faults:
        faults = [f"{place}: {fault}" for fault in row_faults(ledger.name, row)]
    errors += faults
    return [] if faults else [row]


def _frame(ledger: Ledger, rows: list[Row]) -> pl.DataFrame:
    columns = [
        pl.Series(column.landed_name, [row[column.name] for row in rows], column.dtype, strict=True)
        for column in ledger.columns
    ]
    numbers = pl.Series(ROW_NUMBER, [row[ROW_NUMBER] for row in rows], pl.Int64())
    return pl.DataFrame([*columns, numbers])
