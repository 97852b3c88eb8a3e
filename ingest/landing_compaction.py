"""Many small parts of a log become one: a log that is read every minute leaves 1,440 a day.

Each part costs a manifest that every run reads and Parquet files that every query opens. What is
merged has the rows of its parts, in their order, and the identity of the last of them, which says
what the log holds up to its end; so the log is still read on from there.
"""

from collections.abc import Iterable, Iterator, Set
from datetime import date, timedelta
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from ingest.files import write_parquet_atomically
from ingest.landing_file import PART_ROWS
from ingest.manifests import Manifest, remove_manifests, write_manifest

# Fewer parts cost less than rewriting them.
FEWEST_PARTS: Final = 50
# Late rows still come for younger days.
QUIET: Final = timedelta(days=2)


def compact(landing: Path, manifests: Iterable[Manifest], *, settled: Set[str], today: date) -> int:
    """Merge runs of small parts of one log; rows and what a plan compares stay the same.

    The new manifest takes the place of the last part's and names the others as replaced: with that
    one rename they no longer count. A call that is killed before it leaves Parquet files without a
    manifest, one killed after it leaves parts that do not count; the next landing removes both.

    Args:
        landing: The folder.
        manifests: All that count.
        settled: Keys of manifests whose rows are published: others may still be withdrawn.
        today: UTC.

    Returns:
        How many parts were merged.
    """
    merged = 0
    for parts in _runs(manifests, settled, today - QUIET):
        if len(parts) > FEWEST_PARTS and _merge(landing, parts):
            merged += len(parts)
    return merged


def _runs(
    manifests: Iterable[Manifest], settled: Set[str], quiet_before: date
) -> Iterator[list[Manifest]]:
    """Parts of a log that follow each other, as many as one Parquet file should hold."""
    able = [m for m in manifests if m.key in settled and _is_mergeable(m, quiet_before)]
    for _, group in groupby(sorted(able, key=_order), key=_log):
        parts = list(group)
        # Two logs that begin alike: which part follows which is not told here.
        if len({part.start_byte for part in parts}) == len(parts):
            yield from _consecutive(parts)


def _is_mergeable(manifest: Manifest, quiet_before: date) -> bool:
    days = [day for days in manifest.dates.values() for day in days]
    return (
        manifest.ending == "whole"
        and manifest.rows_rejected == 0  # rejects lie in a file of their part's name
        and all(day < quiet_before for day in days)
    )


def _log(manifest: Manifest) -> tuple[str, int, str, str, str, str]:
    return (
        manifest.source,
        manifest.source_version,
        manifest.source_instance,
        manifest.file_name,
        manifest.head_sha256,
        manifest.identity_key_id or "",
    )


def _order(manifest: Manifest) -> tuple[tuple[str, int, str, str, str, str], int]:
    return _log(manifest), manifest.start_byte


def _consecutive(parts: list[Manifest]) -> Iterator[list[Manifest]]:
    run, rows = parts[:1], parts[0].rows_landed
    for part in parts[1:]:
        if part.start_byte != run[-1].end_byte or rows + part.rows_landed > PART_ROWS:
            yield run
            run, rows = [], 0
        run.append(part)
        rows += part.rows_landed
    yield run


def _merge(landing: Path, parts: list[Manifest]) -> bool:
    """Whether they were merged: not so if an upgrade gave some of them other columns."""
    names: dict[str, list[str]] = {}
    for name in (name for part in parts for name in part.files):
        names.setdefault(name.rpartition("/")[0], []).append(name)
    try:
        rows = {folder: _rows(landing, of_folder) for folder, of_folder in names.items()}
    except (pl.exceptions.ShapeError, pl.exceptions.SchemaError):
        return False
    digest = sha256(f"{parts[-1].key}\x1f{parts[0].start_byte}".encode()).hexdigest()[:32]
    for folder, frame in rows.items():
        write_parquet_atomically(frame, landing / folder / f"{digest}.parquet")
    manifest = _whole(parts, tuple(sorted(f"{folder}/{digest}.parquet" for folder in rows)))
    write_manifest(landing, manifest)
    remove_manifests(landing, manifest.source, manifest.replaces)
    for name in (name for of_folder in names.values() for name in of_folder):
        (landing / name).unlink(missing_ok=True)
    return True


def _rows(landing: Path, names: list[str]) -> pl.DataFrame:
    return pl.concat(pl.read_parquet(landing / name, hive_partitioning=False) for name in names)


def _whole(parts: list[Manifest], files: tuple[str, ...]) -> Manifest:
    first, last = parts[0], parts[-1]
    dates: dict[str, set[date]] = {}
    for part in parts:
        for table, days in part.dates.items():
            dates.setdefault(table, set()).update(days)
    replaced = {one for part in parts for one in (part.file_sha256, *part.replaces)}
    return msgspec.structs.replace(
        last,
        start_byte=first.start_byte,
        start_line=first.start_line,
        rows_read=sum(part.rows_read for part in parts),
        rows_landed=sum(part.rows_landed for part in parts),
        unknown_token_rows=sum(part.unknown_token_rows for part in parts),
        files=files,
        dates={table: tuple(sorted(days)) for table, days in sorted(dates.items())},
        replaces=tuple(sorted(replaced - {last.file_sha256})),
    )
