"""Files: the same content is the same bytes, and a killed simulation leaves nothing half."""

import gzip
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ingest.errors import MeterhouseError

_OWNED = ("inputs", "ledgers", "sources.toml")
_GZIP_LEVEL = 5  # 180 days: 124 MB and 19 s at level 1, 91 MB and 18 s at 5, 87 MB and 24 s at 6


@dataclass(kw_only=True)
class OutputFolder:
    """Where files are collected before they appear, and how many there are."""

    root: Path
    file_count: int = 0
    byte_count: int = 0
    _made: set[Path] = field(default_factory=set)

    def write_text(self, name: str, text: str) -> None:
        """Write a text file; a name that ends in .gz is compressed, without a time stamp."""
        path = self.root / name
        if path.parent not in self._made:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(path.parent)
        content = text.encode()
        if name.endswith(".gz"):
            content = gzip.compress(content, compresslevel=_GZIP_LEVEL, mtime=0)
        path.write_bytes(content)
        self.file_count += 1
        self.byte_count += len(content)

    def write_lines(self, name: str, lines: Iterable[str]) -> None:
        """Write lines, each ended by a line feed; no file for no lines."""
        text = "\n".join(lines)
        if text:
            self.write_text(name, f"{text}\n")


@contextmanager
def replacing(data: Path) -> Iterator[OutputFolder]:
    """Collect files beside the data folder and move them into it when all are there.

    Args:
        data: The company's folder; made if missing.

    Yields:
        The folder to write into.

    Raises:
        MeterhouseError: The data folder already has inputs, ledgers or a sources.toml.
    """
    data.mkdir(parents=True, exist_ok=True)
    for name in _OWNED:
        if (data / name).exists():
            raise MeterhouseError(
                f"{data / name} already exists; a simulation never mixes with other files.",
                "Choose an empty folder.",
            )
    temporary = data / ".simulating"
    shutil.rmtree(temporary, ignore_errors=True)  # what a killed simulation left
    temporary.mkdir()
    try:
        yield OutputFolder(root=temporary)
        # inputs last: a run that finds them finds the ledgers too.
        for name in reversed(_OWNED):
            (temporary / name).rename(data / name)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
