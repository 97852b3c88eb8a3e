"""What a source is: a name, a role, the tables it fills and the reader that translates one file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import polars as pl

from ingest.schema import TABLES

Role = Literal["request_log", "provider_usage", "client_log", "server_counter", "telemetry", "bill"]


@dataclass(frozen=True, kw_only=True)
class InputFile:
    """One file to read.

    Attributes:
        path: Where it lies.
        name: Its path below the inputs folder, the name people see in lineage and errors.
        instance: Which gateway, cluster or organization wrote it: the folder below the source's.
        sha256: Of the bytes as they lie, compressed or not.
        options: What the user states about the source in sources.toml, such as `time_zone`.
    """

    path: Path
    name: str
    instance: str
    sha256: str
    options: Mapping[str, str] = field(default_factory=dict)


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
        name: The folder below inputs/ and the value of the `source` column.
        role: What its volumes stand for when several sources saw the same request.
        tables: The canonical tables it fills.
        version: Raise it when the reader's output changes; its files are then landed anew.
        description: One line for the README's table.
        docs: Where the producer documents the format.
        read: Translates one file; yields batches of bounded size, and rejects.
    """

    name: str
    role: Role
    tables: tuple[str, ...]
    version: int
    description: str
    docs: str
    read: Reader

    def __post_init__(self) -> None:
        unknown = set(self.tables) - set(TABLES)
        if unknown:
            raise ValueError(f"source {self.name} fills unknown tables {sorted(unknown)}")
