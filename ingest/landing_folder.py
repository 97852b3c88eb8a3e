"""The landing folder itself: its empty tables, and what a killed call left in it."""

from pathlib import Path
from typing import Final

import polars as pl

from ingest.files import write_parquet_atomically
from ingest.landing_rejects import REJECTS_FOLDER
from ingest.manifests import FOLDER, Manifest, manifest_path, referenced_files
from ingest.schema import REJECTS, TABLES

SCHEMA_FOLDER: Final = "_schema"


def write_schemas(landing: Path) -> None:
    """A file without rows in each table, so that a glob over it always finds its columns."""
    empties = {
        landing / table / SCHEMA_FOLDER / "date=1970-01-01" / "empty.parquet": columns
        for table, columns in TABLES.items()
    }
    empties[landing / REJECTS_FOLDER / SCHEMA_FOLDER / "empty.parquet"] = REJECTS
    for path, columns in empties.items():
        if not path.exists() or pl.read_parquet_schema(path) != dict(columns):
            write_parquet_atomically(pl.DataFrame(schema=columns), path)


def sweep(landing: Path, manifests: list[Manifest]) -> None:
    """Remove what a killed call left: temporary files, and what no manifest that counts holds."""
    counting = {manifest_path(landing, m.source, m.file_sha256) for m in manifests}
    vouched = referenced_files(manifests)
    for path in landing.rglob("*.tmp"):
        path.unlink()
    for path in (landing / FOLDER).glob("*/*.json"):
        if path not in counting:
            path.unlink()
    for table in TABLES:
        for path in (landing / table).glob("*/date=*/*.parquet"):
            name = path.relative_to(landing).as_posix()
            if name not in vouched and path.parent.parent.name != SCHEMA_FOLDER:
                path.unlink()
    for path in (landing / REJECTS_FOLDER).glob("*/*.parquet"):
        manifest = manifest_path(landing, path.parent.name, path.stem)
        if path.parent.name != SCHEMA_FOLDER and manifest not in counting:
            path.unlink()
