"""Data folders that land LiteLLM logs as files of records, and what lies in them afterwards."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from ingest.landing import LandingReport, land
from ingest.landing_rejects import REJECTS_FOLDER
from ingest.privacy import Identities
from ingest.source import Source
from ingest.sources import SOURCES

NOW = datetime.fromisoformat("2026-06-01T00:00:00")
RECORDS: Mapping[str, Source] = {"litellm": replace(SOURCES["litellm"], record_lines=True)}
WHOLE: Mapping[str, Source] = {"litellm": replace(SOURCES["litellm"], record_lines=False)}


def land_records(
    folder: Path,
    sources: Mapping[str, Source] = RECORDS,
    identities: Identities | None = None,
) -> LandingReport:
    return land(folder / "inputs", folder / "landing", sources, identities=identities, now=NOW)


def table(folder: Path, name: str = "usage_events") -> pl.DataFrame:
    return pl.read_parquet(folder / f"landing/{name}/*/*/*.parquet", hive_partitioning=False)


def rejects(folder: Path) -> pl.DataFrame:
    frame = pl.read_parquet(folder / "landing" / REJECTS_FOLDER / "*/*.parquet")
    return frame.sort("file_name", "line_number")


def written(path: Path, moment: str) -> Path:
    """Set when a file was last written, UTC."""
    seconds = datetime.fromisoformat(f"{moment}+00:00").timestamp()
    os.utime(path, (seconds, seconds))
    return path


def everything(folder: Path) -> bytes:
    """Every byte below a folder, and every value of its Parquet files, which are compressed."""
    parts = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            parts += [path.relative_to(folder).as_posix().encode(), path.read_bytes()]
        if path.is_file() and path.suffix == ".parquet":
            parts.append(pl.read_parquet(path, hive_partitioning=False).write_ndjson().encode())
    return b"\n".join(parts)
