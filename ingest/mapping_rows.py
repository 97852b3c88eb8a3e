"""Rows of CSV, JSON and Parquet logs as text under the names of the log's own columns."""

import csv
from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from ingest.json_records import json_records
from ingest.mapping_json import TextRow, document_records, record_rows
from ingest.mapping_spec import MappingSpec
from ingest.parquet import DamagedParquetError, parquet_rows, parquet_schema
from ingest.readers import lines
from ingest.records import reject_record
from ingest.source import InputFile, Reject

PARQUET_SLICE_ROWS: Final = 50_000


def text_rows(
    file: InputFile, spec: MappingSpec, wanted: Sequence[str]
) -> Iterator[TextRow | Reject]:
    """The wanted columns of every row, as text; nothing else is decoded.

    Yields:
        (line number, or row number in Parquet, texts in the order of `wanted`), or rejects; a
        file that lacks a wanted column is one reject.
    """
    if spec.format == "csv":
        return _csv_rows(file, spec.delimiter, wanted)
    if spec.format == "ndjson":
        return record_rows(json_records(file), wanted)
    if spec.format == "json":
        return record_rows(document_records(file), wanted)
    return _parquet_rows(file, wanted)


class _CsvLines:
    """Text lines for csv.reader that remember where they come from and what was rejected."""

    def __init__(self, file: InputFile) -> None:
        self._lines = lines(file)
        self.number = 0
        self.rejects: list[Reject] = []

    def __iter__(self) -> Iterator[str]:
        for item in self._lines:
            if isinstance(item, Reject):
                self.rejects.append(item)
                continue
            self.number, line = item
            try:
                yield line.decode() + "\n"
            except UnicodeDecodeError as error:
                self.rejects.append(reject_record(error, self.number))


def _csv_rows(file: InputFile, delimiter: str, wanted: Sequence[str]) -> Iterator[TextRow | Reject]:
    source = _CsvLines(file)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    places: list[int] | None = None
    width = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            yield _bad_csv(source.number, "not CSV: a quotation mark is open or misplaced")
            continue
        yield from source.rejects
        source.rejects.clear()
        if cells is None:
            return
        if places is None:
            header = [name.strip() for name in cells]
            if missing := [name for name in wanted if name not in header]:
                yield missing_columns(missing)
                return
            places, width = [header.index(name) for name in wanted], len(header)
        elif len(cells) != width:
            message = f"{len(cells)} cells under {width} columns"
            yield _bad_csv(source.number, message)
        else:
            yield source.number, tuple(cells[place].strip() or None for place in places)


def _bad_csv(line_number: int, message: str) -> Reject:
    return Reject(
        line_number=line_number,
        column_name=None,
        reason_code="bad_csv",
        message=message,
        remedy="correct the line at its producer and deliver the file again",
    )


def missing_columns(names: Sequence[str]) -> Reject:
    """The reject of a whole file that lacks columns which the mapping names."""
    return Reject(
        line_number=None,
        column_name=names[0],
        reason_code="missing_column",
        message=f"the file has no column {', '.join(names)}",
        remedy="correct the mapping's columns, or keep such files under a mapping of their own",
    )


def _parquet_rows(file: InputFile, wanted: Sequence[str]) -> Iterator[TextRow | Reject]:
    def texts(schema: pl.Schema) -> list[pl.Expr]:
        return [_parquet_text(name, schema[name]) for name in wanted]

    try:
        schema = parquet_schema(file.path)
        if missing := [name for name in wanted if name not in schema]:
            yield missing_columns(missing)
            return
        offset = 0
        for part in parquet_rows(file.path, texts, PARQUET_SLICE_ROWS):
            yield from enumerate(part.iter_rows(), start=offset + 1)
            offset += part.height
    except DamagedParquetError:
        yield Reject(
            line_number=None,
            column_name=None,
            reason_code="bad_parquet",
            message="not a whole Parquet file",
            remedy="deliver the file again, complete",
        )


def _parquet_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        if dtype.time_zone is not None:
            utc = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            return utc.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").alias(name)
        return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f").alias(name)
    return column.cast(pl.String)
