"""The files below inputs/ that some source reads, and what nobody reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from ingest.errors import MeterhouseError
from ingest.manifests import NO_INSTANCE
from ingest.objects import InputPath
from ingest.source import Source

SourceOptions = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file and what the folder says about it.

    Attributes:
        source: Who reads it.
        path: Where it lies: a file, or an object of a store.
        name: Its path below inputs/, or the address of the object.
        placed_name: Its path below inputs/, or the one that the object would have there.
        instance: The folder below the source's, or default.
        written_at: When it was last written, naive UTC.
        is_newest: No file of its folder was written later.
        options: What sources.toml states about the source.
    """

    source: Source
    path: InputPath
    name: str
    placed_name: str
    instance: str
    written_at: datetime
    is_newest: bool
    options: Mapping[str, str]


def reading_version(source: Source, options: Mapping[str, str], key_id: str | None) -> int:
    """The reader's version; another one for each set of options, since they change its output."""
    stated = [f"{key}={value}" for key, value in sorted(options.items())]
    if key_id is not None:
        stated.append(f"identities={key_id}")
    if not stated:
        return source.version
    text = "\x1f".join([str(source.version), *stated])
    return int(sha256(text.encode()).hexdigest()[:8], 16)


def find_inputs(
    inputs: Path, sources: Mapping[str, Source], options: SourceOptions
) -> tuple[list[Found], list[str]]:
    """The files of known sources in order of name, and lines about what nobody reads."""
    files: list[Found] = []
    unknown: list[str] = []
    for top in sorted(inputs.iterdir()) if inputs.is_dir() else []:
        if top.name.startswith("."):
            continue
        if not top.is_dir() or top.name not in sources:
            unknown.append(
                f"inputs/{top.name}: no source of this name; put files into a folder named for "
                f"their source ({', '.join(sorted(sources))}) or declare mappings/{top.name}.toml"
            )
            continue
        files += _found_in(top, inputs, sources[top.name], options.get(top.name, {}))
    return files, unknown


def _found_in(
    top: Path, inputs: Path, source: Source, options: Mapping[str, str]
) -> Iterator[Found]:
    times = {path: _written_ns(path) for path in _files_in(top)}
    newest: dict[Path, int] = {}
    for path, written in times.items():
        newest[path.parent] = max(written, newest.get(path.parent, written))
    for path, written in times.items():
        parts = path.relative_to(inputs).parts
        yield Found(
            source=source,
            path=path,
            name="/".join(parts),
            placed_name="/".join(parts),
            instance=parts[1] if len(parts) > 2 else NO_INSTANCE,
            written_at=datetime.fromtimestamp(written // 1000 / 1e6, UTC).replace(tzinfo=None),
            is_newest=written == newest[path.parent],
            options=options,
        )


def _files_in(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.suffix not in (".tmp", ".part"):
            yield path


def _written_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError as error:
        raise MeterhouseError(f"{path}: {error.strerror}", "make the file readable") from error
