"""Objects of a store, read as files are: the same readers, another opener."""

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from ingest.object_faults import overwritten
from ingest.object_store import WINDOW_BYTES, ObjectStore

__all__ = ["InputPath", "StoredObject"]


@dataclass(frozen=True, kw_only=True)
class StoredObject:
    """One object as it was listed; nothing of it is ever written to disk.

    Attributes:
        store: Its bucket.
        url: Its address.
        key: Its path in the bucket.
        size: Bytes.
        e_tag: Tells its content from every other; None where a store has no such thing.
        version: Where the bucket keeps versions and names them.
        written_at: When it was last written, naive UTC.
    """

    store: ObjectStore
    url: str
    key: str
    size: int
    e_tag: str | None
    version: str | None
    written_at: datetime

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """The last part of its path."""
        return PurePosixPath(self.key).name

    def open(self, mode: Literal["rb"] = "rb", buffering: Literal[0] = 0) -> io.RawIOBase:
        """Its bytes, by ranges. Reading raises MeterhouseError where the store does not answer."""
        del mode, buffering  # one way only; the names are those of Path.open
        return _ObjectStream(self)

    def check_unchanged(self) -> None:
        """Make sure that what another library just read was this object.

        Raises:
            MeterhouseError: It is gone or was overwritten.
        """
        self.store.read(self.url, self.key, self.e_tag, 0, 1)


InputPath = Path | StoredObject


class _ObjectStream(io.RawIOBase):
    """The bytes of an object, a window at a time."""

    def __init__(self, item: StoredObject) -> None:
        self._item = item
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        starts = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._item.size}
        self._position = max(0, starts[whence] + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer, or a part of it; 0 at the end."""
        if self._position >= self._item.size:
            return 0
        number, start = divmod(self._position, WINDOW_BYTES)
        item = self._item
        window = item.store.window(item.url, item.key, item.e_tag, number)
        part = window[start : start + len(buffer)]
        if not part:  # a store without e_tags, and a shorter object than was listed
            raise overwritten(item.url)
        buffer[: len(part)] = part
        self._position += len(part)
        return len(part)
