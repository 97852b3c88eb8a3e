"""What the bytes of inputs are; asked twice in a call, a file is read once while it is unchanged.

Of objects it is remembered for the next call, so that none is fetched to be told.

Only what is known of content is remembered, never what was landed of it: that is for the manifests
to say. So the file may be deleted at any time; the next call then fetches every object once, and
lands nothing twice.
"""

from collections.abc import Mapping, Set
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec

from ingest.file_faults import reading
from ingest.files import write_atomically
from ingest.landing_content import Content, begins_with_record, finished_bytes, head_of, scan
from ingest.objects import InputPath, StoredObject

FILE: Final = "_objects.json"


@dataclass(frozen=True, kw_only=True)
class Head:
    """How a file begins.

    Attributes:
        sha256: Of its first line without its end.
        is_record: That line is a JSON record, or may become one.
    """

    sha256: str
    is_record: bool


class _Seen(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An object in one version, and what its bytes are, as far as that was asked."""

    size: int
    e_tag: str | None
    version: str | None
    written_at: datetime
    head: Head | None = None
    content: Content | None = None
    finished_bytes: int | None = None

    def is_of(self, item: StoredObject) -> bool:
        return (self.size, self.e_tag, self.version, self.written_at) == (
            item.size,
            item.e_tag,
            item.version,
            item.written_at,
        )


_DECODER: Final = msgspec.json.Decoder(dict[str, _Seen])


class Contents:
    """Answers what the bytes of files and objects are.

    What it is asked raises VanishedError or MeterhouseError where the file cannot be read.
    """

    def __init__(self, landing: Path) -> None:
        """Take in what earlier calls saw."""
        self._path = landing / FILE
        self._written = self._path.read_bytes() if self._path.exists() else b"{}"
        self._remembered = _decoded(self._written)
        self._seen: dict[str, _Seen] = {}
        self._files: dict[Path, _Seen] = {}

    def head(self, path: InputPath) -> Head:
        """How it begins."""
        seen = self._of(path)
        if seen.head is None:
            with reading(path):
                seen.head = _head(path)
        return seen.head

    def content(self, path: InputPath, ends: Set[int]) -> Content:
        """Its length and hashes, also of its first n bytes for each n of `ends`; see `scan`."""
        seen = self._of(path)
        if seen.content is None or not _answers(seen.content, ends):
            known = seen.content.digests.keys() if seen.content else set()
            with reading(path):
                seen.content = scan(path, ends | known)
        return seen.content

    def finished_bytes(self, path: InputPath, content: Content) -> int:
        """See landing_content.finished_bytes."""
        seen = self._of(path)
        if seen.finished_bytes is None:
            with reading(path):
                seen.finished_bytes = finished_bytes(path, content)
        return seen.finished_bytes

    def save(self, *, is_complete: bool) -> None:
        """Write down what was seen.

        Args:
            is_complete: Every location was listed: what was not seen does not lie there anymore.
        """
        keep = self._seen if is_complete else {**self._remembered, **self._seen}
        content = msgspec.json.encode(dict(sorted(keep.items())))
        if content != self._written:
            write_atomically(self._path, content)
            self._written = content

    def _of(self, path: InputPath) -> _Seen:
        if not isinstance(path, StoredObject):
            now = _state(path)
            if path not in self._files or self._files[path].e_tag != now.e_tag:
                self._files[path] = now
            return self._files[path]
        seen = self._seen.get(path.url) or self._remembered.get(path.url)
        if seen is None or not seen.is_of(path):
            seen = _Seen(
                size=path.size, e_tag=path.e_tag, version=path.version, written_at=path.written_at
            )
        self._seen[path.url] = seen
        return seen


def remembered_urls(landing: Path) -> frozenset[str]:
    """Addresses of the objects that lay below the stated locations when they were last listed."""
    path = landing / FILE
    return frozenset(_decoded(path.read_bytes()) if path.exists() else ())


def _decoded(content: bytes) -> Mapping[str, _Seen]:
    # A file of another version is as good as none.
    with suppress(msgspec.MsgspecError, UnicodeDecodeError):
        return _DECODER.decode(content)
    return {}


def _state(path: Path) -> _Seen:
    """A file that was not looked at yet; its e_tag is another one after each change."""
    with reading(path):
        state = path.stat()
    return _Seen(
        size=state.st_size,
        e_tag=f"{state.st_size}-{state.st_mtime_ns}-{state.st_ctime_ns}-{state.st_ino}",
        version=None,
        written_at=datetime.fromtimestamp(state.st_mtime, UTC).replace(tzinfo=None),
    )


def _head(path: InputPath) -> Head:
    head = head_of(path)
    digest = sha256(head.rstrip(b"\r\n")).hexdigest()
    return Head(sha256=digest, is_record=begins_with_record(head))


def _answers(content: Content, ends: Set[int]) -> bool:
    return all(end in content.digests or end > content.length for end in ends)
