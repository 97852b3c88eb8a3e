"""Faults of the file system as one line: which file or folder, what is wrong, what to do."""

import errno
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from ingest.errors import MeterhouseError
from ingest.objects import InputPath

REFUSALS: Final = (errno.EACCES, errno.EPERM)


class VanishedError(MeterhouseError):
    """A file that was listed is not there anymore; then there is nothing to read, nor to tell."""


@contextmanager
def reading(path: InputPath) -> Iterator[None]:
    """What the system refuses while a file is read becomes the error that people see.

    An OSError that the system did not raise, such as that of damaged compression, stays.

    Raises:
        VanishedError: The file is not there anymore.
        MeterhouseError: It cannot be read.
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, FileNotFoundError) and isinstance(path, Path) and not _lies(path):
            raise VanishedError(f"{shown(path)}: gone since it was listed") from error
        if error.errno is None:
            raise
        raise MeterhouseError(refused_line(path, error)) from error


def refused_line(path: InputPath, error: OSError, right: str = "read it") -> str:
    """The line for what the system refused.

    Args:
        path: The file or the folder.
        error: What the system raised.
        right: What this process must be allowed.
    """
    remedy = "make it readable, or move it out of inputs/"
    if error.errno in REFUSALS:
        remedy = f"let user {_user()} {right}"
    return f"{shown(path)}: {error.strerror}; {remedy}"


def shown(path: InputPath) -> str:
    """A path as text that can be printed and stored; bytes that are not UTF-8 are escaped."""
    return os.fsencode(str(path)).decode("utf-8", "backslashreplace")


def _lies(path: Path) -> bool:
    return os.path.lexists(path)


def _user() -> str:
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # as in a container that was given just a number
        return str(number)
