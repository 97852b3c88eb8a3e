"""Decompressed bytes of a file: plain, gzip or zstd, told by its first bytes."""

import io
import zlib
from typing import Any, BinaryIO, Final

import zstandard

from ingest.objects import InputPath

# One 8 KiB read of a hostile zstd stream can inflate 32,000 times: 256 MB, not more.
CHUNK_BYTES: Final = 8 * 1024
SKIP_BYTES: Final = 2**20

GZIP_MAGIC: Final = b"\x1f\x8b"
ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"
ZSTD_SKIPPABLE_TAIL: Final = b"\x2a\x4d\x18"


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


def open_decompressed(path: InputPath) -> "io.BufferedReader[Any]":
    """Open a file for reading its decompressed bytes: plain, gzip or zstd, told by magic bytes.

    Reading raises DamagedCompressionError at the place where a compressed stream is cut or wrong;
    everything before it can be read.
    """
    stream: io.BufferedReader[Any] = io.BufferedReader(path.open("rb", buffering=0), 2**18)
    magic = stream.peek(4)[:4]
    if _is_packed(magic):
        return io.BufferedReader(_Inflater(stream, magic), buffer_size=2**18)
    return stream


def last_byte(path: InputPath) -> bytes:
    """The last byte as it is stored; empty of an empty file."""
    with io.BufferedReader(path.open("rb", buffering=0)) as stream:
        stream.seek(max(0, stream.seek(0, io.SEEK_END) - 1))
        return stream.read(1)


def is_compressed(path: InputPath) -> bool:
    """Whether open_decompressed would inflate this file."""
    with path.open("rb", buffering=0) as stream:
        return _is_packed(stream.read(4) or b"")


def skip_bytes(stream: BinaryIO, count: int) -> None:
    """Move on by decompressed bytes; a plain file seeks.

    Raises:
        DamagedCompressionError: A compressed stream breaks before that place.
    """
    if stream.seekable():
        stream.seek(count, io.SEEK_CUR)
        return
    while count > 0 and (part := stream.read(min(count, SKIP_BYTES))):
        count -= len(part)


def _is_packed(magic: bytes) -> bool:
    return magic.startswith((GZIP_MAGIC, ZSTD_MAGIC)) or magic[1:4] == ZSTD_SKIPPABLE_TAIL
