"""Input files to canonical Parquet: immutable, named by content, complete or absent."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import polars as pl

from ingest.errors import MeterhouseError
from ingest.file_faults import VanishedError
from ingest.landing_folder import sweep, write_schemas
from ingest.landing_former import Former
from ingest.landing_hashing import hash_landed
from ingest.landing_inputs import Found, SourceOptions, find_inputs, reading_version
from ingest.landing_memory import Contents
from ingest.landing_objects import Locations, find_objects
from ingest.landing_pieces import Parting, part
from ingest.landing_readings import Readings
from ingest.landing_rejects import rejects_path
from ingest.landing_report import LandingReport
from ingest.manifests import Manifest, manifest_path, read_manifests
from ingest.privacy import Identities
from ingest.schema import REJECTS
from ingest.source import Source
from ingest.workers import Workers, cores

__all__ = ["LandingReport", "Manifest", "land", "read_manifests"]

# A producer's clock may be ahead; a time further ahead is a wrong unit or zone.
CLOCK_SKEW: Final = timedelta(hours=24)
# Less is read before another process has started.
PARALLEL_BYTES: Final = 32 * 2**20


def land(
    inputs: Path,
    landing: Path,
    sources: Mapping[str, Source],
    options: SourceOptions | None = None,
    *,
    locations: Locations | None = None,
    identities: Identities | None = None,
    progress: Callable[[str], None] | None = None,
    now: datetime | None = None,
) -> LandingReport:
    """Translate what is new in the input files into canonical Parquet files.

    Content counts as landed once its manifest is written, whatever file holds it then: one that
    was renamed, compressed, copied or delivered again is not new. A file of records that grew is
    read on after its last whole line; other files that grew are read anew and replace what was
    read of them, except reports, whose older deliveries stay beside the newer ones. A call that
    is killed leaves nothing that the next one does not complete or remove. Only one call may run
    at a time on a folder.

    Args:
        inputs: Holds one folder per source.
        landing: Gets tables, rejects and manifests; made if absent.
        sources: Name -> source.
        options: Source -> what sources.toml states about it, such as time_zone.
        locations: Source -> where in object stores more of its files lie.
        identities: Hashes users, keys and sessions; None: they are landed as reported.
        progress: Called with the name of each file that is about to be read.
        now: Naive UTC; event times more than 24 hours later are rejected. Default: the clock.

    Raises:
        MeterhouseError: Files could not be read, their reader failed, or a folder or a location
            could not be listed; everything else is landed.
    """
    write_schemas(landing)
    manifests = read_manifests(landing)
    sweep(landing, manifests)
    found = find_inputs(inputs, sources, options or {})
    objects = find_objects(locations or {}, sources, options or {})
    files = found.files + objects.files
    now = now or datetime.now(UTC).replace(tzinfo=None)
    contents = Contents(landing)
    with Workers() as workers:
        readings = Readings(landing, manifests, workers, now + CLOCK_SKEW, identities)
        call = _Call(readings, contents, identities, progress, now)
        due = call.by_length(files)
        contents.save(is_complete=False)
        workers.count = cores() if call.bytes_due >= PARALLEL_BYTES else 0
        call.land(due)
    withdraw(landing, call.outdated(files, manifests))
    contents.save(is_complete=not objects.faults)
    if identities is not None:
        hash_landed(landing, read_manifests(landing), identities)
    if faults := [*found.faults, *objects.faults, *call.faults]:
        raise MeterhouseError(*faults)
    call.forget_rejects(landing, manifests, {found.name for found in files} - call.vanished)
    return call.report(found.unknown + objects.unknown)


def withdraw(landing: Path, manifests: Iterable[Manifest]) -> None:
    """Take landed files out again; a call that is killed is completed by the next `land`."""
    for manifest in manifests:
        manifest_path(landing, manifest.source, manifest.file_sha256).unlink(missing_ok=True)
        rejects_path(landing, manifest).unlink(missing_ok=True)
        for name in manifest.files:
            (landing / name).unlink(missing_ok=True)


class _Call:
    """One call of land: what it compared, and what it has done."""

    def __init__(
        self,
        readings: Readings,
        contents: Contents,
        identities: Identities | None,
        progress: Callable[[str], None] | None,
        now: datetime,
    ) -> None:
        self._readings = readings
        self._contents = contents
        self._key_id = identities.key_id if identities else None
        self._progress = progress
        self._now = now
        self._faults: list[str] = []
        self._unchanged: list[str] = []
        self._current: set[str] = set()
        self.bytes_due = 0
        self.vanished: set[str] = set()

    @property
    def faults(self) -> list[str]:
        """Lines about what could not be read, in the order of files."""
        later = (self._readings.faults[order] for order in sorted(self._readings.faults))
        return [*self._faults, *(line for error in later for line in error.lines)]

    def by_length(self, files: list[Found]) -> list[Found]:
        """Files with something new, the shorter content first: a longer one may continue it."""
        lengths: list[tuple[str, int, Found]] = []
        for found in files:
            try:
                parting = self._part(found)
            except VanishedError:
                self.vanished.add(found.name)
                continue
            except MeterhouseError as error:
                self._faults += error.lines
                continue
            if parting.to_land:
                self.bytes_due += sum(
                    piece.end_byte - piece.start_byte for piece in parting.to_land
                )
                lengths.append((found.source.name, parting.length, found))
            else:
                self._unchanged.append(found.name)
        return [found for *_, found in sorted(lengths, key=lambda one: one[:2])]

    def land(self, due: list[Found]) -> None:
        """Land what is new in files; what cannot be read becomes lines of `faults`."""
        for order, found in enumerate(due):
            try:
                self._land(order, found)
            except MeterhouseError as error:
                self._readings.faults[order] = error
        self._readings.finish()
        faults = self._readings.faults
        for order in [n for n, error in faults.items() if isinstance(error, VanishedError)]:
            del faults[order]
            self.vanished.add(due[order].name)
        self._current.update(manifest.file_sha256 for manifest, _ in self._readings.landed)

    def _land(self, order: int, found: Found) -> None:
        parting = self._part(found)
        if self._readings.touches(parting):
            self._readings.finish()
            parting = self._part(found)
        if not parting.to_land:
            self._unchanged.append(found.name)
            return
        if self._progress is not None:
            self._progress(found.name)
        self._readings.start(order, found.name, parting.to_land)

    def outdated(self, files: list[Found], manifests: list[Manifest]) -> list[Manifest]:
        """What stood for files that are landed under another instance now."""
        moved = [found for found in files if found.former_instance != found.instance]
        former, outdated = Former(moved, manifests), dict[str, Manifest]()
        for found in moved if former else ():
            try:
                landings = former.landings(found, self._contents)
                if landings and not self._part(found).to_land:
                    outdated |= {m.key: m for m in landings}
            except MeterhouseError:
                continue  # said already
        return list(outdated.values())

    def forget_rejects(self, landing: Path, manifests: list[Manifest], names: set[str]) -> None:
        """Rejects of a file that holds other content now, and lies nowhere else: it was mended.

        Of an empty file that was filled or taken away nothing stays: nothing was lost with it.
        """
        gone = [one for one in manifests if one.file_sha256 not in self._current]
        withdraw(landing, (one for one in gone if not one.end_byte and one.ending == "unfinished"))
        for manifest in gone:
            if manifest.rows_rejected and manifest.file_name in names:
                rejects_path(landing, manifest).unlink(missing_ok=True)

    def report(self, unknown: list[str]) -> LandingReport:
        """What was done, in order of file name."""
        landed = sorted(
            self._readings.landed, key=lambda one: (one[0].file_name, one[0].start_byte)
        )
        return LandingReport(
            landed=tuple(manifest for manifest, _ in landed),
            unchanged=tuple(sorted(self._unchanged)),
            unknown=tuple(unknown),
            present=frozenset(self._current),
            rejects=pl.concat([pl.DataFrame(schema=REJECTS), *(frame for _, frame in landed)]),
        )

    def _part(self, found: Found) -> Parting:
        version = reading_version(found.source, found.options, self._key_id)
        parting = part(found, self._readings.known, version, self._now, self._contents)
        self._current |= parting.current
        return parting
