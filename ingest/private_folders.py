"""Folders named for a path of their user, as Claude Code names one for each project.

`-home-ann-secret` is `/home/ann/secret`. Neither landing nor the page tells such a path: a hash
stands for it, and the file's own name leads to it among the inputs.
"""

import re
from collections.abc import Iterable
from hashlib import sha256
from typing import Final

# Absolute paths with their separators replaced: of Unix, and of Windows, C--Users-ann.
PATH_FOLDER: Final = re.compile(r"-.+|[A-Za-z]--.*")


def without_paths(parts: Iterable[str]) -> list[str]:
    """The parts of a name, with a hash in place of each that is a path."""
    return [_hashed(part) if PATH_FOLDER.fullmatch(part) else part for part in parts]


def _hashed(folder: str) -> str:
    return f"dir-{sha256(folder.encode()).hexdigest()[:16]}"
