"""`meterhouse doctor`: is the installation whole, the folder readable, are the ledgers right?"""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from ingest.errors import MeterhouseError
from ingest.file_faults import shown
from ingest.input_tree import tree_of
from ingest.landing_objects import list_objects
from ingest.ledgers import validate
from ingest.object_location import Location
from ingest.sources import SOURCES
from pipelines.intake import all_sources, input_locations, source_options
from pipelines.publish import read_current
from pipelines.settings import DBT_PROJECT, Settings

PACKAGES = ("polars", "duckdb", "dagster", "dbt-duckdb", "great-expectations")
FREE_BYTES_WANTED = 2 * 10**9


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    is_fault: bool
    about: str
    message: str

    def line(self) -> str:
        """As one printed line."""
        return f"{'FAULT' if self.is_fault else 'ok   '} {self.about:<13} {self.message}"


def examine(settings: Settings) -> list[Finding]:
    """Look at everything a run needs; every fault names its remedy. Changes nothing."""
    looks: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        _installation,
        _folder,
        _sources,
        _locations,
        _ledgers,
        _snapshot,
    )
    return [finding for look in looks for finding in look(settings)]


def _ok(about: str, message: str) -> Finding:
    return Finding(is_fault=False, about=about, message=message)


def _fault(about: str, message: str) -> Finding:
    return Finding(is_fault=True, about=about, message=message)


def _installation(_: Settings) -> Iterator[Finding]:
    yield _ok("python", sys.version.split()[0])
    for name in PACKAGES:
        try:
            yield _ok("package", f"{name} {version(name)}")
        except PackageNotFoundError:
            yield _fault("package", f"{name} is missing. Run: make distclean && make")
    if find_spec("pynvml") is None:
        yield _fault("package", "nvidia-ml-py is missing. Run: make distclean && make")
    if not (DBT_PROJECT / "dbt_project.yml").exists():
        yield _fault("dbt project", f"{DBT_PROJECT} is not there. Clone the repository again.")


def _folder(settings: Settings) -> Iterator[Finding]:
    if not settings.inputs.is_dir() and not _stated_locations(settings):
        yield _fault("folder", f"no {settings.inputs}. Put logs into inputs/<source>/.")
        return
    yield _ok("folder", str(settings.data))
    free = shutil.disk_usage(settings.data).free
    if free < FREE_BYTES_WANTED:
        yield _fault("disk", f"{free / 1e9:.1f} GB free; a run wants 2. Make room on this disk.")
    else:
        yield _ok("disk", f"{free / 1e9:.0f} GB free")


def _sources(settings: Settings) -> Iterator[Finding]:
    try:
        known, options = all_sources(settings), source_options(settings)
        input_locations(settings)
    except MeterhouseError as error:
        yield from (_fault("sources", line) for line in error.lines)
        return
    for name in sorted(options.keys() - known.keys()):
        yield _fault("sources.toml", f"[{name}] is no source. Known: {', '.join(sorted(known))}")
    folders = sorted(settings.inputs.iterdir()) if settings.inputs.is_dir() else []
    for folder in folders:
        if folder.name not in known:
            remedy = f"Rename it to one of {', '.join(sorted(SOURCES))}, or add a mapping for it"
            name = shown(Path(folder.name))
            yield _fault("inputs", f"inputs/{name} is no source. {remedy}.")
            continue
        tree = tree_of(folder)
        yield _ok("inputs", f"inputs/{folder.name}: {len(tree.files):,} files")
        yield from (_fault("inputs", line) for line in (*tree.faults, *tree.unread))


def _stated_locations(settings: Settings) -> list[Location]:
    try:
        return [place for places in input_locations(settings).values() for place in places]
    except MeterhouseError:
        return []  # _sources says what is wrong


def _locations(settings: Settings) -> Iterator[Finding]:
    for location in _stated_locations(settings):
        try:
            objects = sum(1 for _ in list_objects(location))
        except MeterhouseError as error:
            yield from (_fault("locations", line) for line in error.lines)
            continue
        if objects:
            yield _ok("locations", f"{location.url}: {objects:,} objects")
        else:
            yield _fault("locations", f"{location.url}: nothing lies there. Correct sources.toml.")


def _ledgers(settings: Settings) -> Iterator[Finding]:
    frames, errors = validate(settings.ledgers)
    yield from (_fault("ledgers", line) for line in errors)
    if not errors:
        rows = ", ".join(f"{name} {frame.height}" for name, frame in frames.items())
        yield _ok("ledgers", rows)


def _snapshot(settings: Settings) -> Iterator[Finding]:
    if not settings.current.exists():
        yield _ok("published", "nothing yet. Run: meterhouse run")
        return
    try:
        with read_current(settings) as connection:
            connection.execute("select count(*) from fct_usage_events").fetchone()
    except MeterhouseError as error:
        yield from (_fault("published", line) for line in error.lines)
        return
    yield _ok("published", str(settings.current.resolve()))
