"""What lies below a folder of inputs: its files, and what cannot be read of it."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ingest.file_faults import refused_line, shown

UNFINISHED: Final = (".tmp", ".part")  # suffixes of what is still being written


@dataclass(kw_only=True)
class Tree:
    """What lies below a folder; hidden and unfinished files do not count.

    Attributes:
        files: Regular files in order of their paths' parts, each with its state.
        unread: A line for each thing that is not read because of what it is.
        faults: A line for each folder that cannot be listed and each file that cannot be reached.
    """

    files: list[tuple[Path, os.stat_result]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def tree_of(folder: Path) -> Tree:
    """Look through a folder; what vanishes meanwhile is not there."""
    tree = Tree()
    for path in sorted(_entries(folder, tree), key=lambda one: one.parts):
        try:
            state = path.stat()
        except FileNotFoundError:
            continue
        except OSError as error:
            tree.faults.append(refused_line(path, error))
            continue
        if stat.S_ISREG(state.st_mode):
            tree.files.append((path, state))
    return tree


def _entries(folder: Path, tree: Tree) -> Iterator[Path]:
    """What counts and is no folder, in no order."""

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):
            tree.faults.append(refused_line(Path(error.filename), error, "list it and enter it"))

    for place, folders, files in os.walk(folder, onerror=refuse):
        visible = sorted(name for name in folders if not name.startswith("."))
        folders[:] = _named(place, visible, tree)
        finished = sorted(name for name in files if _counts(name))
        yield from (Path(place, name) for name in _named(place, finished, tree))


def _counts(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix not in UNFINISHED


def _named(place: str, names: list[str], tree: Tree) -> list[str]:
    """Names that a manifest can hold: those that are text."""
    texts = [name for name in names if _is_text(name)]
    for name in sorted(set(names) - set(texts)):
        tree.unread.append(f"{shown(Path(place, name))}: the name is not UTF-8; rename it")
    return texts


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
