"""What a file's decompressed bytes are: their length, their hash, and the hashes of beginnings."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import msgspec

from ingest.inflate import DamagedCompressionError, is_compressed, open_decompressed, skip_bytes
from ingest.objects import InputPath
from ingest.readers import BOM, LINE_LIMIT_BYTES, newlines

CHUNK_BYTES: Final = 2**20
MARK_BYTES: Final = 2**24
# Enough to tell most files of a producer apart; a longer first line is told by its beginning.
HEAD_BYTES: Final = 2**20
JSON_DECODER: Final = msgspec.json.Decoder(dict[str, msgspec.Raw] | list[msgspec.Raw])


@dataclass(frozen=True, kw_only=True)
class Content:
    """The decompressed bytes of a file, as far as they can be read.

    Attributes:
        length: Bytes.
        digests: sha256 hex of the first n bytes, by n: 0, the length, and lengths asked for.
        whole_bytes: Bytes up to the end of the last whole line.
        newlines: Line ends among them.
        marks: Every 16 MiB or so a place where a line begins: bytes before it, and its number.
        is_packed: The file is compressed.
        is_damaged: The compressed stream breaks off, or goes wrong, after these bytes.
    """

    length: int
    digests: Mapping[int, str]
    whole_bytes: int
    newlines: int
    marks: tuple[tuple[int, int], ...]
    is_packed: bool
    is_damaged: bool

    @property
    def sha256(self) -> str:
        """Of all bytes."""
        return self.digests[self.length]


def scan(path: InputPath, ends: Set[int] = frozenset()) -> Content:
    """Read a file once, in bounded memory.

    Args:
        path: Plain, gzip or zstd.
        ends: Lengths of beginnings whose hashes are asked for; those beyond the end get none.

    Raises:
        OSError: The file cannot be read.
    """
    digest, position, line_ends, is_damaged = sha256(), 0, 0, False
    whole_bytes, whole = 0, digest.copy()
    marks = [(0, 1)]
    digests = {0: digest.hexdigest()}
    for part in _parts(path, sorted(ends)):
        if part is None:
            is_damaged = True
            break
        cut = part.rfind(b"\n") + 1
        if cut:
            digest.update(memoryview(part)[:cut])
            whole_bytes, whole = position + cut, digest.copy()
            line_ends += newlines(part)
            if whole_bytes - marks[-1][0] >= MARK_BYTES:
                marks.append((whole_bytes, line_ends + 1))
        digest.update(memoryview(part)[cut:])
        position += len(part)
        if position in ends:
            digests[position] = digest.hexdigest()
    return Content(
        length=position,
        digests={**digests, whole_bytes: whole.hexdigest(), position: digest.hexdigest()},
        whole_bytes=whole_bytes,
        newlines=line_ends,
        marks=tuple(marks),
        is_packed=is_compressed(path),
        is_damaged=is_damaged,
    )


def _parts(path: InputPath, ends: list[int]) -> Iterator[bytes | None]:
    """Bytes in parts that end at each of `ends`; a last None where the stream is damaged."""
    position, places = 0, iter(ends)
    end = next(places, None)
    with open_decompressed(path) as stream:
        while True:
            while end is not None and end <= position:
                end = next(places, None)
            wanted = CHUNK_BYTES if end is None else min(CHUNK_BYTES, end - position)
            try:
                part = stream.read1(wanted)
            except DamagedCompressionError:
                yield None
                return
            if not part:
                return
            position += len(part)
            yield part


def head_of(path: InputPath) -> bytes:
    """The first line with its end, or its beginning; empty where nothing can be read."""
    with open_decompressed(path) as stream:
        try:
            return stream.readline(HEAD_BYTES)
        except DamagedCompressionError:
            return b""


def begins_with_record(head: bytes) -> bool:
    """Whether a file that begins like this holds a JSON value a line.

    Otherwise it is a document over many lines, or another format, and cannot be read on.
    """
    line = head.removeprefix(BOM)
    if not line.endswith(b"\n"):  # may still become a record
        return line.lstrip()[:1] in (b"{", b"[")
    return is_record(line)


def is_record(line: bytes) -> bool:
    """Whether a line is a complete JSON object or list."""
    try:
        JSON_DECODER.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return False
    return True


def finished_bytes(path: InputPath, content: Content) -> int:
    """Bytes up to the end of the last line that will not grow.

    A last line without line end is finished if it is a complete JSON object or list; a number or
    a text may still get longer.
    """
    rest = content.length - content.whole_bytes
    if content.is_damaged or not 0 < rest <= LINE_LIMIT_BYTES:
        return content.whole_bytes
    with open_decompressed(path) as stream:
        skip_bytes(stream, content.whole_bytes)
        line = stream.read(rest)
    return content.length if is_record(line) else content.whole_bytes
