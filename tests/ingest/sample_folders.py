"""Data folders of real files that ship with the repository, and what landing makes of them."""

import csv
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import polars as pl

from ingest.landing import LandingReport, land
from ingest.mapping import load_mappings
from ingest.readers import lines
from ingest.source import InputFile
from ingest.sources import SOURCES

SAMPLES = Path(__file__).parents[2] / "data" / "sample"
NOW = datetime.fromisoformat("2026-06-01T00:00:00")


def land_sample(name: str, folder: Path, mappings: Path | None = None) -> LandingReport:
    """Land a shipped folder into another one, with its mappings or others."""
    sample = SAMPLES / name
    options = sample / "sources.toml"
    sources = {**SOURCES, **load_mappings(mappings or sample / "mappings")}
    stated = tomllib.loads(options.read_text()) if options.exists() else {}
    report = land(sample / "inputs", folder / "landing", sources, stated, now=NOW)
    assert report.rejects.is_empty()
    assert report.unknown == ()
    return report


def landed(folder: Path, table: str, source: str) -> pl.DataFrame:
    files = folder / "landing" / table / source / "*" / "*.parquet"
    return pl.read_parquet(files, hive_partitioning=False)


def raw_lines(path: Path) -> Iterator[str]:
    """Lines of a shipped file as they are, decompressed."""
    file = InputFile(path=path, name=path.name, instance="", sha256="")
    for item in lines(file):
        assert isinstance(item, tuple)
        yield item[1].decode()


def raw_rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(raw_lines(path)))
