"""Rows of CSV, NDJSON and Parquet logs as text under the names of the log's own columns."""

import csv
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
import polars as pl

from ingest.json_records import json_records
from ingest.mapping_spec import MappingSpec
from ingest.readers import lines
from ingest.records import RECORD_ERRORS, FieldError, reject_record
from ingest.source import InputFile, Reject

PARQUET_SLICE_ROWS: Final = 50_000

# Line number and the texts of the wanted columns; None where the log has none.
TextRow = tuple[int, tuple[str | None, ...]]


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
        return _json_rows(file, wanted)
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


def _json_rows(file: InputFile, wanted: Sequence[str]) -> Iterator[TextRow | Reject]:
    paths = [tuple(name.split(".")) for name in wanted]
    decoder = msgspec.json.Decoder(_struct_of(paths))
    places = [tuple(f"f_{part}" for part in path) for path in paths]
    for item in json_records(file):
        if isinstance(item, Reject):
            yield item
            continue
        number, text = item
        try:
            record = decoder.decode(text)
            texts = tuple(
                _json_text(_at(record, place), name)
                for place, name in zip(places, wanted, strict=True)
            )
        except RECORD_ERRORS as error:
            yield reject_record(error, number)
        else:
            yield number, texts


def _struct_of(paths: Sequence[tuple[str, ...]]) -> type[msgspec.Struct]:
    """A type that decodes only these paths; the value of each stays raw JSON."""
    heads: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        heads.setdefault(path[0], []).append(path[1:])
    fields: list[tuple[str, Any, Any]] = []
    for head, tails in heads.items():
        deeper = [tail for tail in tails if tail]
        kind: Any = _struct_of(deeper) | None if deeper else msgspec.Raw
        fields.append((f"f_{head}", kind, None if deeper else msgspec.Raw(b"null")))
    return msgspec.defstruct("Record", fields, rename={f"f_{head}": head for head in heads})


def _at(record: Any, place: tuple[str, ...]) -> Any:
    for part in place:
        if record is None:
            return None
        record = getattr(record, part)
    return record


def _json_text(raw: Any, name: str) -> str | None:
    if raw is None:
        return None
    text = bytes(raw)
    if text == b"null":
        return None
    if text[:1] in (b"{", b"["):
        raise FieldError(name, "an object or a list where the mapping expects a value")
    if text[:1] == b'"':
        return msgspec.json.decode(text, type=str).strip() or None
    return text.decode()


def _parquet_rows(file: InputFile, wanted: Sequence[str]) -> Iterator[TextRow | Reject]:
    try:
        schema = pl.read_parquet_schema(file.path)
        if missing := [name for name in wanted if name not in schema]:
            yield missing_columns(missing)
            return
        texts = [_parquet_text(name, schema[name]) for name in wanted]
        offset = 0
        scan = pl.scan_parquet(file.path, hive_partitioning=False).select(texts)
        while (part := scan.slice(offset, PARQUET_SLICE_ROWS).collect()).height:
            yield from enumerate(part.iter_rows(), start=offset + 1)
            offset += part.height
    except (pl.exceptions.ComputeError, OSError):
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
