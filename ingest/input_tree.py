"""What lies below a folder of inputs: its files, and what cannot be read of it."""

import errno
import os
import stat
from collections import deque
from collections.abc import Generator, Iterator
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
    """Look through a folder and what links in it lead to; what vanishes meanwhile is not there.

    A folder that is reached in several ways is read once: where it lies, if that is below this
    folder, else by the first link. So the same folders and links always give the same names.
    """
    tree = Tree()
    for path in sorted(_entries(folder, tree), key=lambda one: one.parts):
        try:
            state = path.stat()
        except OSError as error:
            _refuse(path, error, "read it", tree)
            continue
        if stat.S_ISREG(state.st_mode):
            tree.files.append((path, state))
    return tree


def _entries(folder: Path, tree: Tree) -> Iterator[Path]:
    """What counts and is no folder; links are followed after all that lies here."""
    above = folder.resolve().parents
    seen: set[Path] = set()
    waiting = deque([folder])
    while waiting:
        start = waiting.popleft()
        if start.resolve() in above:
            tree.unread.append(f"{shown(start)}: a link to a folder that holds it; remove it")
        else:
            waiting += yield from _without_links(start, seen, tree)


def _without_links(start: Path, seen: set[Path], tree: Tree) -> Generator[Path, None, list[Path]]:
    """What counts below a folder and was not seen; returns the links to folders."""
    links: list[Path] = []
    resolved = start.resolve()
    for name, folders, files in os.walk(start, onerror=lambda error: _unlisted(error, tree)):
        place = Path(name)
        real = resolved / place.relative_to(start)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        visible = sorted(one for one in folders if not one.startswith("."))
        folders[:] = _named(place, visible, tree)
        links += [place / one for one in folders if (place / one).is_symlink()]
        finished = sorted(one for one in files if _counts(one))
        yield from (place / one for one in _named(place, finished, tree))
    return links


def _counts(name: str) -> bool:
    return not name.startswith(".") and Path(name).suffix not in UNFINISHED


def _named(place: Path, names: list[str], tree: Tree) -> list[str]:
    """Names that a manifest can hold: those that are text."""
    texts = [name for name in names if _is_text(name)]
    for name in sorted(set(names) - set(texts)):
        tree.unread.append(f"{shown(place / name)}: the name is not UTF-8; rename it")
    return texts


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _unlisted(error: OSError, tree: Tree) -> None:
    _refuse(Path(error.filename), error, "list it and enter it", tree)


def _refuse(path: Path, error: OSError, right: str, tree: Tree) -> None:
    """Tell of what cannot be reached; nothing of what vanished, unless a link is left of it."""
    if error.errno not in (errno.ENOENT, errno.ELOOP):
        tree.faults.append(refused_line(path, error, right))
    elif path.is_symlink():
        remedy = "restore what it leads to, or remove it"
        tree.unread.append(f"{shown(path)}: a link that leads nowhere; {remedy}")
