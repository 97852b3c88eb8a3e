"""Publish the marts: a read-only DuckDB snapshot that appears whole or not at all.

Nobody but dbt opens the working database. Readers open `published/current.duckdb`, a link that is
flipped in one step to a new file; a reader of the old file finishes undisturbed.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ingest.errors import MeterhouseError
from pipelines.gates import tests_passed
from pipelines.settings import Settings
from pipelines.snapshot import OFFLINE, Snapshot, verify_snapshot, write_snapshot
from pipelines.snapshot_manifest import write_manifest

_TEMPORARY = ".unfinished-"


def publish(settings: Settings, *, stamp: datetime, run_id: str | None = None) -> Snapshot:
    """Copy the marts of the warehouse into a new snapshot and make it the current one.

    Args:
        settings: Paths, and how many snapshots stay.
        stamp: When this is published; aware, or naive UTC. It names the file.
        run_id: The run that publishes, as Dagster names it.

    Raises:
        MeterhouseError: The warehouse is missing or holds no marts, the copy differs from the
            warehouse, or the disk refuses. The current snapshot then stays as it was.
    """
    if not settings.warehouse.is_file():
        raise MeterhouseError(
            f"There is no warehouse at {settings.warehouse}. Build it with `meterhouse run`."
        )
    published_at = stamp.astimezone(UTC).replace(tzinfo=None) if stamp.tzinfo else stamp
    name = f"wh-{published_at:%Y%m%dT%H%M%S%f}Z.duckdb"
    try:
        settings.published.mkdir(parents=True, exist_ok=True)
        with _only_publisher(settings.published):
            _remove_leftovers(settings.published)
            return _publish_locked(settings, settings.published / name, published_at, run_id)
    except (duckdb.Error, OSError) as error:
        raise MeterhouseError(
            f"The snapshot {name} could not be published: {error}",
            "The snapshot published before is still the current one.",
        ) from error


@contextmanager
def read_current(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the current snapshot read-only; publications meanwhile do not disturb it.

    Raises:
        MeterhouseError: Nothing has been published yet, or the file cannot be opened.
    """
    connection = _open_current(settings)
    try:
        yield connection
    finally:
        connection.close()


def _open_current(settings: Settings) -> duckdb.DuckDBPyConnection:
    # The link is resolved first: DuckDB remembers open files by path, and one path with changing
    # content would give a process the old data. Retention may remove the file between the two
    # steps, hence the second try with the link as it is then.
    seen = None
    while settings.current.is_symlink():
        path = settings.current.resolve()
        try:
            return duckdb.connect(path, read_only=True, config=dict(OFFLINE))
        except duckdb.Error as error:
            if path == seen:
                raise MeterhouseError(
                    f"{path} cannot be opened: {error}. Move it away and run: meterhouse run"
                ) from error
            seen = path
    raise MeterhouseError(
        f"Nothing has been published in {settings.published} yet. Publish with `meterhouse run`."
    )


def _publish_locked(
    settings: Settings, final: Path, published_at: datetime, run_id: str | None
) -> Snapshot:
    if final.exists():
        raise MeterhouseError(f"{final} is published already; a snapshot is never overwritten.")
    unfinished = final.with_name(f"{_TEMPORARY}{final.name}")
    try:
        snapshot = write_snapshot(
            settings.warehouse,
            unfinished,
            final,
            published_at=published_at,
            run_id=run_id,
            tests=tests_passed(settings),
        )
        verify_snapshot(unfinished, snapshot)
        _sync(unfinished)
        unfinished.rename(final)
    finally:
        _remove_leftovers(settings.published)
    # Before the link: who follows it finds the manifest.
    write_manifest(snapshot)
    _point_current_at(settings.current, final)
    _retire(settings)
    return snapshot


@contextmanager
def _only_publisher(folder: Path) -> Iterator[None]:
    # The kernel lets go of this lock when the process dies, however it dies.
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _point_current_at(current: Path, final: Path) -> None:
    link = current.with_name(f"{_TEMPORARY}{current.name}")
    link.symlink_to(final.name)
    link.replace(current)
    _sync(current.parent)


def _retire(settings: Settings) -> None:
    snapshots = sorted(settings.published.glob("wh-*.duckdb"), reverse=True)
    current = settings.current.resolve()
    for path in snapshots[settings.snapshots_kept :]:
        if path.resolve() != current:
            path.unlink(missing_ok=True)
    for manifest in settings.published.glob("wh-*.json"):
        if not manifest.with_suffix(".duckdb").exists():
            manifest.unlink(missing_ok=True)


def _remove_leftovers(folder: Path) -> None:
    for path in folder.glob(f"{_TEMPORARY}*"):
        with suppress(FileNotFoundError):
            path.unlink()


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
