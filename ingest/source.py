"""What a source is: a name, a role, the tables it fills and the reader that translates one file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from ingest.objects import InputPath
from ingest.schema import TABLES

Role = Literal["request_log", "provider_usage", "client_log", "server_counter", "telemetry", "bill"]


@dataclass(frozen=True, kw_only=True)
class InputFile:
    """One file to read.

    Attributes:
        path: Where it lies: a file, or an object of a store.
        name: Its path below the inputs folder, or the address of the object: the name people see
            in lineage and errors.
        instance: Which gateway, cluster or organization wrote it: the folder below the source's;
            see ingest.instance_folder.
        sha256: Of its decompressed bytes up to where it was read; see ingest.manifests.
        options: What the user states about the source in sources.toml, such as `time_zone`.
        first_byte: Where to begin in the decompressed bytes; only sources with record_lines are
            given a part of a file, and reading through `lines` or `json_records` keeps to it.
        first_line: Number of the line in which first_byte lies.
        end_byte: Where to end, after a finished line; None: at the end of the file.
    """

    path: InputPath
    name: str
    instance: str
    sha256: str
    options: Mapping[str, str] = field(default_factory=dict)
    first_byte: int = 0
    first_line: int = 1
    end_byte: int | None = None


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Translated rows of one table; `line_number` counts from 1 in the decompressed file."""

    table: str
    frame: pl.DataFrame


@dataclass(frozen=True, kw_only=True)
class Reject:
    """A line, or a whole file, that could not be translated, and what to do about it.

    The message never repeats the line's text: it may hold a prompt or a key.
    """

    line_number: int | None  # None: the whole file
    column_name: str | None
    reason_code: str  # snake_case, few and stable: people group by it
    message: str
    remedy: str


Reader = Callable[[InputFile], Iterator[Batch | Reject]]


@dataclass(frozen=True, kw_only=True)
class Source:
    """One format that Meterhouse reads.

    Attributes:
        name: The folder below inputs/, the section of sources.toml that may state locations of
            objects, and the value of the `source` column.
        role: What its volumes stand for when several sources saw the same request.
        tables: The canonical tables it fills.
        version: Raise it when the reader's output changes; its files are then landed anew.
        description: One line for the README's table.
        docs: Where the producer documents the format.
        read: Translates one file; yields batches of bounded size, and rejects.
        record_lines: Each line is a JSON record that is translated on its own, so that a file
            that grew is read on from its last whole line. False: it is read anew as a whole.
        reads_name: Rows depend on the file's name, such as a time stamp in it: the same content
            under another name is then another file.
        path_folders: Folders below it may be named for paths of users, which are not told.
    """

    name: str
    role: Role
    tables: tuple[str, ...]
    version: int
    description: str
    docs: str
    read: Reader
    record_lines: bool = False
    reads_name: bool = False
    path_folders: bool = False

    def __post_init__(self) -> None:
        unknown = set(self.tables) - set(TABLES)
        if unknown:
            raise ValueError(f"source {self.name} fills unknown tables {sorted(unknown)}")
        if self.record_lines and self.keeps_versions:
            raise ValueError(f"source {self.name}: a restated report cannot be read on by lines")

    @property
    def keeps_versions(self) -> bool:
        """Whether a delivery restates a window, so that older deliveries stay queryable."""
        return self.role in ("provider_usage", "bill")
