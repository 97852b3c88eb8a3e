"""What any reader must stand: its frames by table, its sums, its silence about private text."""

import json
from pathlib import Path
from typing import Any

import polars as pl
from translated import GOLDEN, comparable

from ingest.schema import INPUT_TOKEN_CLASSES, OUTPUT_TOKEN_CLASSES, conform
from ingest.source import InputFile, Reject, Source


def read_all(
    source: Source, path: Path, **options: str
) -> tuple[dict[str, pl.DataFrame], list[Reject]]:
    """Frames by table, in the canonical columns, and the rejects."""
    file = InputFile(
        path=path,
        name=f"{source.name}/{path.name}",
        instance="default",
        sha256="0",
        options=options,
    )
    parts: dict[str, list[pl.DataFrame]] = {}
    rejects = []
    for item in source.read(file):
        if isinstance(item, Reject):
            rejects.append(item)
        else:
            assert item.table in source.tables
            parts.setdefault(item.table, []).append(conform(item.frame, item.table))
    return {table: pl.concat(frames) for table, frames in parts.items()}, rejects


def rows_of(source: Source, path: Path, **options: str) -> list[dict[str, Any]]:
    """Rows of a source that fills one table, from a file without faults."""
    frames, rejects = read_all(source, path, **options)
    assert rejects == []
    (frame,) = frames.values()
    return frame.to_dicts()


def check_sums(row: dict[str, Any]) -> None:
    """Classes are disjoint, never negative, and add up to what the producer reports."""
    inputs = {name: row[name] or 0 for name in INPUT_TOKEN_CLASSES}
    outputs = sum(row[name] or 0 for name in OUTPUT_TOKEN_CLASSES)
    assert min(inputs.values()) >= 0
    assert min(row[name] or 0 for name in OUTPUT_TOKEN_CLASSES) >= 0
    total = sum(inputs.values())
    if row["reported_input_semantics"] == "excludes_cache":
        total -= sum(count for name, count in inputs.items() if name.startswith("cache_"))
    assert row["reported_input_tokens"] in (None, total)
    assert row["reported_output_tokens"] in (None, outputs)


def said(frames: dict[str, pl.DataFrame], rejects: list[Reject]) -> str:
    """Everything that a reader gave, as text."""
    rows = [frame.to_dicts() for frame in frames.values()]
    return json.dumps([rows, [vars(reject) for reject in rejects]], default=str)


def comparable_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows without what is NULL or only a hash."""
    hashes = ("bill_line_id", "natural_key")
    return [
        {
            name: comparable(value)
            for name, value in row.items()
            if value is not None and name not in hashes
        }
        for row in frame.to_dicts()
    ]


def check_golden_tables(source: Source) -> None:
    """Compare every column of every table with tests/golden/<source>/expected.json."""
    folder = GOLDEN / source.name
    for name, wanted in json.loads((folder / "expected.json").read_text()).items():
        frames, rejects = read_all(source, folder / name, **wanted["options"])
        found = {table: comparable_rows(frame) for table, frame in frames.items()}
        assert found == wanted["tables"], name
        shown = [[one.line_number, one.column_name, one.reason_code] for one in rejects]
        assert shown == wanted["rejects"], name
