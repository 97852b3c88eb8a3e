"""Copies of the published marts: one Parquet file a table, or the snapshot itself."""

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ingest.errors import MeterhouseError
from ingest.files import sync_folder
from pipelines.publish import read_current
from pipelines.settings import Settings
from pipelines.snapshot_manifest import check_snapshot, manifest_path

# A table of more rows is split by month, so that a reader of one month opens one file.
ROWS_PARTITIONED = 100_000
MANIFEST, VIEWS = "manifest.json", "views.sql"
_VIEWS_HEAD = """\
-- The marts as views over the Parquet files beside this file. In this folder:
--     duckdb -init views.sql
-- From elsewhere, say first where the folder lies:
--     set file_search_path = '/where/it/lies';
"""
_TABLES = """
select table_name, estimated_size, comment from duckdb_tables()
where database_name = current_database() and schema_name = 'main' order by 1
"""
_COLUMNS = """
select table_name, column_name, comment from duckdb_columns()
where database_name = current_database() and schema_name = 'main' order by 1, column_index
"""


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table of the snapshot, with what its comments say."""

    name: str
    rows: int
    description: str
    columns: Mapping[str, str]

    @property
    def is_partitioned(self) -> bool:
        """Whether its copy is a folder of months."""
        return self.rows > ROWS_PARTITIONED and "usage_date" in self.columns

    @property
    def files(self) -> str:
        """Its files below the folder of the copies, as a glob."""
        return f"{self.name}/*/*.parquet" if self.is_partitioned else f"{self.name}.parquet"


def snapshot_tables(connection: duckdb.DuckDBPyConnection) -> list[Table]:
    """Every table of the open snapshot, by name."""
    columns: dict[str, dict[str, str]] = {}
    for table, column, comment in connection.execute(_COLUMNS).fetchall():
        columns.setdefault(table, {})[column] = comment or ""
    return [
        Table(name=name, rows=rows, description=comment or "", columns=columns[name])
        for name, rows, comment in connection.execute(_TABLES).fetchall()
    ]


def export_parquet(settings: Settings, folder: Path) -> list[Table]:
    """Write every table of the newest snapshot as zstd Parquet; the folder appears whole.

    Money stays DECIMAL. Each file carries the descriptions of its table and columns as key-value
    metadata. An earlier export in the folder is replaced.

    Raises:
        MeterhouseError: Nothing is published, the folder holds something else, or the disk refuses.
    """
    with _replacing(folder) as unfinished, read_current(settings) as connection:
        tables = snapshot_tables(connection)
        for table in tables:
            connection.execute(_copy_statement(table, unfinished))
        views = [
            f"create or replace view {table.name} as "
            f"from read_parquet('{table.files}', hive_partitioning = false);\n"
            for table in tables
        ]
        (unfinished / VIEWS).write_text(_VIEWS_HEAD + "".join(views), encoding="utf-8")
        _copy_manifest(_path(connection), unfinished / MANIFEST)
    return tables


def export_duckdb(settings: Settings, target: Path) -> Path:
    """Copy the newest snapshot and its manifest; the copy is checked byte for byte.

    Raises:
        MeterhouseError: Nothing is published, the target is no file name, the disk refuses, or the
            copy is not what was published.
    """
    if target.suffix != ".duckdb":
        raise MeterhouseError(f"{target} should end with .duckdb.")
    with read_current(settings) as connection, _faults_of(target):
        snapshot = _path(connection)
        unfinished = target.with_name(f".unfinished-{target.name}")
        shutil.copyfile(snapshot, unfinished)
        shutil.copyfile(manifest_path(snapshot), manifest_path(unfinished))
        try:
            check_snapshot(unfinished)
        except MeterhouseError:
            unfinished.unlink()
            manifest_path(unfinished).unlink()
            raise
        manifest_path(unfinished).replace(manifest_path(target))
        unfinished.replace(target)
        sync_folder(target.parent)
    return target


def _path(connection: duckdb.DuckDBPyConnection) -> Path:
    ((path,),) = connection.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    return Path(path)


def _copy_statement(table: Table, folder: Path) -> str:
    told = {"description": table.description, "columns": json.dumps(table.columns)}
    options = (
        "format parquet, compression zstd, kv_metadata {"
        + ", ".join(f"{key}: {_text(value)}" for key, value in told.items())
        + "}"
    )
    if not table.is_partitioned:
        return f"copy {table.name} to {_text(str(folder / table.files))} ({options})"
    return (
        f"copy (select *, strftime(usage_date, '%Y-%m') as usage_month "  # noqa: S608 own names
        f"from {table.name}) "
        f"to {_text(str(folder / table.name))} ({options}, partition_by (usage_month))"
    )


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """An empty folder that takes the place of another one when it is complete."""
    if folder.exists() and not (folder / MANIFEST).exists() and any(folder.iterdir()):
        raise MeterhouseError(
            f"{folder} holds something that is no export of Meterhouse.", "Name another folder."
        )
    unfinished = folder.with_name(f".unfinished-{folder.name}")
    with _faults_of(folder):
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        try:
            yield unfinished
            shutil.rmtree(folder, ignore_errors=True)
            unfinished.rename(folder)
            sync_folder(folder.parent)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)


@contextmanager
def _faults_of(target: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, duckdb.Error) as error:
        raise MeterhouseError(f"{target} could not be written: {error}") from error


def _copy_manifest(snapshot: Path, target: Path) -> None:
    try:
        shutil.copyfile(manifest_path(snapshot), target)
    except FileNotFoundError:  # published before there were manifests
        target.write_text("{}\n", encoding="utf-8")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
