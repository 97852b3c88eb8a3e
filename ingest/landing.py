"""Input files to canonical Parquet: immutable, named by content, complete or absent."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from typing import Final

import polars as pl

from ingest.errors import MeterhouseError
from ingest.files import write_parquet_atomically
from ingest.landing_file import REJECTS_FOLDER, FileLanding, reading_version
from ingest.landing_report import LandingReport
from ingest.manifests import Manifest, manifest_path, read_manifests, referenced_files
from ingest.schema import REJECTS, TABLES
from ingest.source import InputFile, Source

__all__ = ["LandingReport", "Manifest", "land", "read_manifests"]

SCHEMA_FOLDER: Final = "_schema"
# A producer's clock may be ahead; a time further ahead is a wrong unit or zone.
CLOCK_SKEW: Final = timedelta(hours=24)

SourceOptions = Mapping[str, Mapping[str, str]]


def land(
    inputs: Path,
    landing: Path,
    sources: Mapping[str, Source],
    options: SourceOptions | None = None,
    *,
    progress: Callable[[str], None] | None = None,
    now: datetime | None = None,
) -> LandingReport:
    """Translate every input file that is new into canonical Parquet files.

    A file counts as landed once its manifest is written; a call that is killed leaves nothing
    that the next one does not complete or remove. Only one call may run at a time on a folder.

    Args:
        inputs: Holds one folder per source.
        landing: Gets tables, rejects and manifests; made if absent.
        sources: Name -> source.
        options: Source -> what sources.toml states about it, such as time_zone.
        progress: Called with the name of each file that is about to be read.
        now: Naive UTC; event times more than 24 hours later are rejected. Default: the clock.

    Raises:
        MeterhouseError: A file cannot be read at all, or its reader failed; those before it are
            landed.
    """
    latest = (now or datetime.now(UTC).replace(tzinfo=None)) + CLOCK_SKEW
    _write_schemas(landing)
    manifests = read_manifests(landing)
    _sweep(landing, manifests)
    known = {(manifest.source, manifest.file_sha256): manifest for manifest in manifests}
    files, unknown = _find(inputs, sources, options or {})
    landed, unchanged, rejects = [], [], [pl.DataFrame(schema=REJECTS)]
    for source, file in files:
        previous = known.get((source.name, file.sha256))
        if previous is not None and previous.source_version == reading_version(source, file):
            unchanged.append(file.name)
            continue
        if progress is not None:
            progress(file.name)
        manifest, rejected = FileLanding(landing, source, file, latest).run(previous)
        known[source.name, file.sha256] = manifest
        landed.append(manifest)
        rejects.append(rejected)
    return LandingReport(
        landed=tuple(landed),
        unchanged=tuple(unchanged),
        unknown=tuple(unknown),
        present=frozenset(file.sha256 for _, file in files),
        rejects=pl.concat(rejects),
    )


def withdraw(landing: Path, manifests: Iterable[Manifest]) -> None:
    """Take landed files out again; a call that is killed is completed by the next `land`."""
    for manifest in manifests:
        manifest_path(landing, manifest.source, manifest.file_sha256).unlink(missing_ok=True)
        for name in manifest.files:
            (landing / name).unlink(missing_ok=True)


def _find(
    inputs: Path, sources: Mapping[str, Source], options: SourceOptions
) -> tuple[list[tuple[Source, InputFile]], list[str]]:
    """The files of known sources in order of name, and lines about what nobody reads."""
    files, unknown = [], []
    for top in sorted(inputs.iterdir()) if inputs.is_dir() else []:
        if top.name.startswith("."):
            continue
        if not top.is_dir() or top.name not in sources:
            unknown.append(
                f"inputs/{top.name}: no source of this name; put files into a folder named for "
                f"their source ({', '.join(sorted(sources))}) or declare mappings/{top.name}.toml"
            )
            continue
        source = sources[top.name]
        stated = options.get(top.name, {})
        files += [(source, _input_file(path, inputs, stated)) for path in _files_in(top)]
    return files, unknown


def _files_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.suffix not in (".tmp", ".part"):
            yield path


def _input_file(path: Path, inputs: Path, stated: Mapping[str, str]) -> InputFile:
    parts = path.relative_to(inputs).parts
    try:
        with path.open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise MeterhouseError(f"{path}: {error.strerror}", "make the file readable") from error
    return InputFile(
        path=path,
        name="/".join(parts),
        instance=parts[1] if len(parts) > 2 else "default",
        sha256=digest,
        options=stated,
    )


def _write_schemas(landing: Path) -> None:
    """A file without rows in each table, so that a glob over it always finds its columns."""
    empties = {
        landing / table / SCHEMA_FOLDER / "date=1970-01-01" / "empty.parquet": columns
        for table, columns in TABLES.items()
    }
    empties[landing / REJECTS_FOLDER / SCHEMA_FOLDER / "empty.parquet"] = REJECTS
    for path, columns in empties.items():
        if not path.exists() or pl.read_parquet_schema(path) != dict(columns):
            write_parquet_atomically(pl.DataFrame(schema=columns), path)


def _sweep(landing: Path, manifests: list[Manifest]) -> None:
    """Remove what a killed call left: temporary files, and rows without a manifest."""
    vouched = referenced_files(manifests)
    for path in landing.rglob("*.tmp"):
        path.unlink()
    for table in TABLES:
        for path in (landing / table).glob("*/date=*/*.parquet"):
            name = path.relative_to(landing).as_posix()
            if name not in vouched and path.parent.parent.name != SCHEMA_FOLDER:
                path.unlink()
    for path in (landing / REJECTS_FOLDER).glob("*/*.parquet"):
        manifest = manifest_path(landing, path.parent.name, path.stem)
        if path.parent.name != SCHEMA_FOLDER and not manifest.exists():
            path.unlink()
