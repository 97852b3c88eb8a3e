"""Cells of a bill as text, whatever holds them: CSV, plain or compressed, or Parquet."""

from collections.abc import Iterator, Mapping
from typing import Final

import polars as pl

from ingest.formats.csv_cells import read_csv
from ingest.parquet import DamagedParquetError, parquet_metadata, parquet_rows
from ingest.source import InputFile, Reject

BATCH_ROWS: Final = 50_000
PARQUET_MAGIC: Final = b"PAR1"
# FOCUS' own samples write a missing value like this.
NULL_TEXT: Final = "NULL"
UTC_FORMAT: Final = "%Y-%m-%dT%H:%M:%S%.6fZ"


def bill_cells(file: InputFile) -> Iterator[pl.DataFrame | Reject]:
    """Rows of a bill.

    Args:
        file: CSV with a header, or Parquet.

    Yields:
        Frames of `line_number` (of Parquet: the row from 1) and a String column for each column of
        the file, with numbers in all their digits, times in UTC and nested values as JSON; rejects.
    """
    if not _is_parquet(file):
        yield from read_csv(file, NULL_TEXT)
        return
    try:
        yield from _parquet_cells(file)
    except DamagedParquetError:
        yield Reject(
            line_number=None,
            column_name=None,
            reason_code="damaged_parquet",
            message="not a whole Parquet file",
            remedy="deliver the file again, complete",
        )


def file_metadata(file: InputFile) -> Mapping[str, str]:
    """Key-value metadata of a Parquet file; empty for any other."""
    try:
        return parquet_metadata(file.path) if _is_parquet(file) else {}
    except DamagedParquetError:
        return {}


def _is_parquet(file: InputFile) -> bool:
    with file.path.open("rb", buffering=0) as stream:
        return stream.read(4) == PARQUET_MAGIC


def _parquet_cells(file: InputFile) -> Iterator[pl.DataFrame]:
    offset = 0
    for texts in parquet_rows(file.path, _texts, BATCH_ROWS):
        end = offset + texts.height
        numbers = pl.int_range(offset + 1, end + 1, dtype=pl.Int64, eager=True)
        yield texts.with_columns(numbers.alias("line_number"))
        offset = end


def _texts(schema: pl.Schema) -> list[pl.Expr]:
    return [_text(name, dtype).alias(name) for name, dtype in schema.items()]


def _text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None:
            column = column.dt.convert_time_zone("UTC")
        return column.dt.strftime(UTC_FORMAT)
    if dtype.is_nested():
        return json_text(column)
    return column.cast(pl.String, strict=False)


def json_text(column: pl.Expr) -> pl.Expr:
    """Values of a column as JSON, NULL where it is NULL."""
    # Only a struct can be encoded: wrap the value, and cut `{"v":` and `}` off again.
    text = pl.struct(column.alias("v")).struct.json_encode()
    return pl.when(column.is_not_null()).then(text.str.head(-1).str.slice(5))
