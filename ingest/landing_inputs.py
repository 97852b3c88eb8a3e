"""The files below inputs/ that some source reads, and what nobody reads."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from ingest.file_faults import refused_line, shown
from ingest.input_tree import Tree, tree_of
from ingest.instance_folder import former_instance_of, instance_of
from ingest.objects import InputPath
from ingest.private_folders import without_paths
from ingest.source import Source

SourceOptions = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Found:
    """A file and what the folder says about it.

    Attributes:
        source: Who reads it.
        path: Where it lies: a file, or an object of a store.
        full_name: Its path below inputs/, or the address of the object.
        placed_name: Its path below inputs/, or the one that the object would have there.
        instance: The folder below the source's, or default; dates are no instances.
        written_at: When it was last written, naive UTC.
        is_newest: No file of its folder was written later.
        options: What sources.toml states about the source.
    """

    source: Source
    path: InputPath
    full_name: str
    placed_name: str
    instance: str
    written_at: datetime
    is_newest: bool
    options: Mapping[str, str]

    @property
    def name(self) -> str:
        """The full name as it is told and kept, without private folders."""
        return "/".join(told_parts(self.source, self.full_name.split("/")))

    @property
    def former_instance(self) -> str:
        """The instance under which earlier versions of Meterhouse landed it."""
        return former_instance_of(self.placed_name.split("/")[1:-1])


def told_parts(source: Source, parts: Sequence[str]) -> Sequence[str]:
    """Parts of the name of a source's file as they are told: paths of users as hashes."""
    return without_paths(parts) if source.path_folders else parts


@dataclass(kw_only=True)
class FoundInputs:
    """What lies among the inputs, or at stated locations.

    Attributes:
        files: In order of their names.
        unknown: A line for each thing that nobody reads, and each location where nothing lies.
        faults: A line for each thing that cannot be listed.
    """

    files: list[Found] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def reading_version(source: Source, options: Mapping[str, str], key_id: str | None) -> int:
    """The reader's version; another one for each set of options, since they change its output."""
    stated = [f"{key}={value}" for key, value in sorted(options.items())]
    if key_id is not None:
        stated.append(f"identities={key_id}")
    if not stated:
        return source.version
    text = "\x1f".join([str(source.version), *stated])
    return int(sha256(text.encode()).hexdigest()[:8], 16)


def find_inputs(inputs: Path, sources: Mapping[str, Source], options: SourceOptions) -> FoundInputs:
    """The files of known sources, and what nobody reads."""
    found = FoundInputs()
    try:
        tops = sorted(inputs.iterdir())
    except FileNotFoundError:
        return found
    except OSError as error:
        found.faults.append(refused_line(inputs, error, "list it and enter it"))
        return found
    for top in tops:
        if top.name.startswith("."):
            continue
        # Path.is_file raises where inputs/ may not be entered; what is below it tells that.
        if top.name not in sources or os.path.isfile(top):  # noqa: PTH113
            name = shown(Path(top.name))
            found.unknown.append(
                f"inputs/{name}: no source of this name; put files into a folder named for "
                f"their source ({', '.join(sorted(sources))}) or declare mappings/{name}.toml"
            )
            continue
        tree = tree_of(top)
        found.unknown += tree.unread
        found.faults += tree.faults
        found.files += _found_in(tree, inputs, sources[top.name], options.get(top.name, {}))
    return found


def _found_in(
    tree: Tree, inputs: Path, source: Source, options: Mapping[str, str]
) -> Iterator[Found]:
    times = {path: state.st_mtime_ns for path, state in tree.files}
    newest: dict[Path, int] = {}
    for path, written in times.items():
        newest[path.parent] = max(written, newest.get(path.parent, written))
    for path, written in times.items():
        parts = path.relative_to(inputs).parts
        yield Found(
            source=source,
            path=path,
            full_name="/".join(parts),
            placed_name="/".join(parts),
            instance=instance_of(told_parts(source, parts[1:-1])),
            written_at=datetime.fromtimestamp(written // 1000 / 1e6, UTC).replace(tzinfo=None),
            is_newest=written == newest[path.parent],
            options=options,
        )
