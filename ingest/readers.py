"""Bytes of an input file to lines or text, whatever it is compressed with."""

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import zstandard

from ingest.source import InputFile, Reject
from ingest.times import EpochUnit, TimestampError, from_epoch, parse_utc, stated_zone

__all__ = [
    "DamagedCompressionError",
    "EpochUnit",
    "TimestampError",
    "damaged",
    "from_epoch",
    "lines",
    "open_decompressed",
    "parse_utc",
    "source_name",
    "stated_zone",
    "whole_text",
]

# A longer line is a decompression bomb or not a log; it is rejected without being held.
LINE_LIMIT_BYTES: Final = 64 * 2**20
DOCUMENT_LIMIT_BYTES: Final = 512 * 2**20
# One 8 KiB read of a hostile zstd stream can inflate 32,000 times: 256 MB, not more.
CHUNK_BYTES: Final = 8 * 1024

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPABLE_TAIL: Final = b"\x2a\x4d\x18"
BOM: Final = b"\xef\xbb\xbf"
UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")


class DamagedCompressionError(OSError):
    """The compressed stream is cut off or its bytes are wrong."""


class _Inflater(io.RawIOBase):
    """Decompressed bytes of a gzip or zstd file of any number of members.

    Unlike the libraries' own readers it tells a cut-off zstd stream from one that ended.
    """

    def __init__(self, packed: BinaryIO, magic: bytes) -> None:
        self._packed = packed
        self._is_gzip = magic.startswith(GZIP_MAGIC)
        self._member = self._new_member()
        self._waiting = b""
        self._ready = memoryview(b"")
        self._is_inside = False

    def _new_member(self) -> Any:
        if self._is_gzip:
            return zlib.decompressobj(wbits=31)
        return zstandard.ZstdDecompressor().decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer; 0 at the end. Raises DamagedCompressionError where the stream breaks."""
        while not self._ready:
            packed = self._waiting or self._packed.read(CHUNK_BYTES)
            if not packed:
                if self._is_inside:
                    raise DamagedCompressionError("the compressed data is cut off")
                return 0
            self._inflate(packed)
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _inflate(self, packed: bytes) -> None:
        if not self._is_inside and not packed.strip(b"\0"):
            self._waiting = b""  # tape and object-store padding after the last member
            return
        self._is_inside = True
        try:
            self._ready = memoryview(self._member.decompress(packed))
        except (zlib.error, zstandard.ZstdError) as error:
            raise DamagedCompressionError("the compressed data is damaged") from error
        self._waiting = b""
        if self._member.eof:
            self._waiting = self._member.unused_data
            self._member = self._new_member()
            self._is_inside = False

    def close(self) -> None:
        self._packed.close()
        super().close()


def open_decompressed(path: Path) -> BinaryIO:
    """Open a file for reading its decompressed bytes: plain, gzip or zstd, told by magic bytes.

    Reading raises DamagedCompressionError at the place where a compressed stream is cut or wrong;
    everything before it can be read.
    """
    stream = io.BufferedReader(path.open("rb", buffering=0), buffer_size=2**18)
    magic = stream.peek(4)[:4]
    if magic.startswith((GZIP_MAGIC, ZSTD_MAGIC)) or magic[1:] == ZSTD_SKIPPABLE_TAIL:
        return io.BufferedReader(_Inflater(stream, magic), buffer_size=2**18)
    return stream


def lines(file: InputFile) -> Iterator[tuple[int, bytes] | Reject]:
    """Lines of a text file with their numbers.

    Args:
        file: Plain or compressed.

    Yields:
        (line number from 1, bytes without line end or byte order mark); blank lines are counted
        and skipped. A last line without line end is yielded too. Rejects stand for a line that is
        too long, and, last, for the place where a compressed file is damaged.
    """
    number = 0
    with open_decompressed(file.path) as stream:
        try:
            while raw := stream.readline(LINE_LIMIT_BYTES):
                number += 1
                if number == 1:
                    if raw.startswith(UTF16_BOMS):
                        yield _utf16()
                        return
                    raw = raw.removeprefix(BOM)
                if len(raw) >= LINE_LIMIT_BYTES and not raw.endswith(b"\n"):
                    _skip_line(stream)
                    yield _too_long(number)
                    continue
                line = raw.rstrip(b"\r\n")
                if line and not line.isspace():
                    yield number, line
        except DamagedCompressionError as error:
            yield damaged(error, number + 1)


def whole_text(file: InputFile) -> str | Reject:
    """The whole text of a file that is one document; a reject if it is damaged or not UTF-8."""
    with open_decompressed(file.path) as stream:
        try:
            content = stream.read(DOCUMENT_LIMIT_BYTES + 1)
        except DamagedCompressionError as error:
            return damaged(error, None)
    if content.startswith(UTF16_BOMS):
        return _utf16()
    if len(content) > DOCUMENT_LIMIT_BYTES:
        return _too_long(None)
    try:
        return content.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        line_number = content.count(b"\n", 0, error.start) + 1
        return Reject(
            line_number=line_number,
            column_name=None,
            reason_code="bad_encoding",
            message="bytes that are not UTF-8",
            remedy="export the file as UTF-8",
        )


def damaged(error: DamagedCompressionError, line_number: int | None) -> Reject:
    """The reject for a compressed file that breaks off at a line."""
    return Reject(
        line_number=line_number,
        column_name=None,
        reason_code="damaged_compression",
        message=f"{error}; the whole lines before this place were read",
        remedy="deliver the file again, complete; rows that were read are not counted twice",
    )


def _skip_line(stream: BinaryIO) -> None:
    while (part := stream.readline(2**20)) and not part.endswith(b"\n"):
        pass


def _too_long(line_number: int | None) -> Reject:
    limit = DOCUMENT_LIMIT_BYTES if line_number is None else LINE_LIMIT_BYTES
    return Reject(
        line_number=line_number,
        column_name=None,
        reason_code="too_long",
        message=f"longer than {limit // 2**20} MiB",
        remedy="export the log without prompts and answers, one record a line",
    )


def _utf16() -> Reject:
    return Reject(
        line_number=None,
        column_name=None,
        reason_code="bad_encoding",
        message="the file is UTF-16",
        remedy="export the file as UTF-8",
    )


def source_name(file: InputFile) -> str:
    """The source a file belongs to: the first folder of its name."""
    return file.name.partition("/")[0]
