"""FOCUS datasets as files: the views focus_* of the published snapshot, streamed by DuckDB."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from ingest.errors import MeterhouseError
from pipelines.publish import read_current
from pipelines.settings import Settings

# What each version of the specification consists of: file name -> table or view.
DATASETS: Final[Mapping[str, Mapping[str, str]]] = {
    "1.2": {"cost_and_usage": "focus_cost_and_usage_1_2"},
    "1.4": {
        "cost_and_usage": "focus_cost_and_usage_1_4",
        "contract_commitment": "focus_contract_commitment",
        "billing_period": "focus_billing_period",
        "invoice_detail": "focus_invoice_detail",
    },
}
FORMATS: Final[Mapping[str, str]] = {
    "csv": "format csv, header",
    "parquet": "format parquet, compression zstd",
}
MONTH: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
# A spreadsheet runs a cell of text that begins like this.
FORMULA: Final = r"^[=+\-@\t\r\n]"
# The months of a row, as half-open columns of time.
PERIODS: Final = {"focus_contract_commitment": "ContractCommitmentPeriod"}
UNPRICED: Final = """
select coalesce(sum(total_tokens), 0) from fct_charges_hourly
where pricing_status = 'unpriced' and (len(?) = 0 or strftime(usage_date, '%Y-%m') in ?)
"""
MEMORY_LIMIT: Final = "600MB"


@dataclass(frozen=True, kw_only=True)
class Export:
    """What was written.

    Attributes:
        row_counts: Rows of each file; files appear whole or not at all.
        unpriced_tokens: Tokens of the same months that are in no row, since nobody knows their
            price and FOCUS knows no unknown cost.
    """

    row_counts: Mapping[Path, int]
    unpriced_tokens: int


def export_focus(
    settings: Settings, output: Path, *, version: str, file_format: str, months: Sequence[str]
) -> Export:
    """Write the datasets of one FOCUS version into a folder, one file each.

    Args:
        settings: Whose published snapshot.
        output: A folder; it is made where it is missing, files of the same name are replaced.
        version: '1.2' (Cost and Usage) or '1.4' (four datasets).
        file_format: 'csv' (moments as ISO 8601 with Z, text that no spreadsheet takes for a
            formula) or 'parquet' (typed, moments in UTC).
        months: Billing periods such as 2026-10 (UTC); none: all of them.

    Raises:
        MeterhouseError: Not a version, format or month; nothing published; no charges in the
            months; the folder cannot be written.
    """
    _check(version, file_format, months)
    row_counts: dict[Path, int] = {}
    with read_current(settings) as connection, _as_errors(output):
        output.mkdir(parents=True, exist_ok=True)
        # What does not fit into memory is spilled beside the files; rows go out as they come.
        connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")
        connection.execute("set temp_directory = ?", [str(output / ".spill")])
        connection.execute("set preserve_insertion_order = false")
        for name, table in DATASETS[version].items():
            path = output / f"focus_{version}_{name}.{file_format}"
            row_counts[path] = _write(connection, table, path, file_format, months)
            if name == "cost_and_usage" and not row_counts[path]:
                path.unlink()
                asked = f" in {', '.join(months)}" if months else ""
                raise MeterhouseError(f"The published books have no charges{asked}.")
        unpriced = connection.execute(UNPRICED, [list(months), list(months)]).fetchone()
    return Export(row_counts=row_counts, unpriced_tokens=int(unpriced[0]) if unpriced else 0)


def _check(version: str, file_format: str, months: Sequence[str]) -> None:
    if version not in DATASETS:
        raise MeterhouseError(f"FOCUS {version} is not written. Choose 1.2 or 1.4.")
    if file_format not in FORMATS:
        raise MeterhouseError(f"{file_format!r} is not a format. Choose csv or parquet.")
    for month in months:
        if not MONTH.fullmatch(month):
            raise MeterhouseError(f"{month!r} is not a month. Write it as 2026-10.")


@contextmanager
def _as_errors(output: Path) -> Iterator[None]:
    try:
        yield
    except duckdb.CatalogException as error:
        raise MeterhouseError(
            "The published snapshot has no FOCUS datasets: an older Meterhouse published it.",
            "Publish anew with `meterhouse run`.",
        ) from error
    except (OSError, duckdb.Error) as error:
        raise MeterhouseError(f"{output} could not be written: {error}") from error


def _write(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    path: Path,
    file_format: str,
    months: Sequence[str],
) -> int:
    """Stream a dataset into a file, and count its rows."""
    unfinished = path.with_name(f".unfinished-{path.name}")
    columns = connection.execute(f"describe {table}").fetchall()
    cells = ", ".join(_cell(name, kind, file_format) for name, kind, *_ in columns)
    query = f"select {cells} from {table} where {_in_months(table, months)}"  # noqa: S608 checked
    try:
        copied = connection.execute(
            f"copy ({query}) to ? ({FORMATS[file_format]})", [str(unfinished)]
        )
        row = copied.fetchone()
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return int(row[0]) if row else 0


def _cell(name: str, kind: str, file_format: str) -> str:
    column = f'"{name}"'
    if kind == "TIMESTAMP":
        written = (
            f"strftime({column}, '%Y-%m-%dT%H:%M:%SZ')"
            if file_format == "csv"
            else f"cast({column} as timestamptz)"
        )
    elif kind == "VARCHAR" and file_format == "csv":
        written = f"if(regexp_matches({column}, '{FORMULA}'), '''' || {column}, {column})"
    else:
        written = column
    return f"{written} as {column}"


def _in_months(table: str, months: Sequence[str]) -> str:
    period = PERIODS.get(table, "BillingPeriod")
    ranges = [
        f"(\"{period}Start\" < timestamp '{month}-01' + interval 1 month"
        f" and \"{period}End\" > timestamp '{month}-01')"
        for month in months
    ]
    return " or ".join(ranges) or "true"
