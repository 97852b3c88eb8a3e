"""Bytes of an input file to lines or text, whatever it is compressed with."""

import io
import sys
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from ingest.inflate import DamagedCompressionError, open_decompressed, skip_bytes
from ingest.source import InputFile, Reject
from ingest.times import EpochUnit, TimestampError, from_epoch, parse_utc, stated_zone

__all__ = [
    "DamagedCompressionError",
    "EpochUnit",
    "TimestampError",
    "damaged",
    "from_epoch",
    "line_texts",
    "lines",
    "lines_of",
    "newlines",
    "open_decompressed",
    "parse_utc",
    "source_name",
    "stated_zone",
    "too_long",
    "utf16",
    "whole_text",
]

# As much as a processor's cache holds together with what is decoded from it.
BLOCK_BYTES: Final = 2**18
# A longer line is a decompression bomb or not a log; it is rejected without being held.
LINE_LIMIT_BYTES: Final = 64 * 2**20
# Lines of it, each an object of Python, take eight times as much.
DOCUMENT_LIMIT_BYTES: Final = 128 * 2**20
NEWLINE: Final = 10
BOM: Final = b"\xef\xbb\xbf"
UTF16_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")


def lines(file: InputFile) -> Iterator[tuple[int, bytes] | Reject]:
    """Lines of a text file with their numbers, or those of the part that `file` is bounded to.

    Args:
        file: Plain or compressed.

    Yields:
        (line number from 1, bytes without line end or byte order mark); blank lines are counted
        and skipped. A last line without line end is yielded too. Rejects stand for a line that is
        too long, and, last, for the place where a compressed file is damaged.
    """
    for item in line_texts(file):
        if isinstance(item, Reject):
            yield item
        else:
            yield from lines_of(*item)


def lines_of(number: int, text: bytes) -> Iterator[tuple[int, bytes] | Reject]:
    """The lines of a text that begins with the line of this number."""
    for place, raw in enumerate(text.split(b"\n"), number):
        line = raw.rstrip(b"\r\n")
        if len(raw) >= LINE_LIMIT_BYTES:
            yield too_long(place)
        elif line and not line.isspace():
            yield place, line


def line_texts(file: InputFile) -> Iterator[tuple[int, bytes] | Reject]:
    """Whole lines of a text file, many at a time.

    Args:
        file: Plain or compressed, or a part of it.

    Yields:
        (number of the first line, lines without the last line's end); rejects as of `lines`.
    """
    number = file.first_line
    left = sys.maxsize if file.end_byte is None else file.end_byte - file.first_byte
    with open_decompressed(file.path) as stream:
        try:
            skip_bytes(stream, file.first_byte)
            if number == 1 and stream.peek(2).startswith(UTF16_BOMS):
                yield utf16()
                return
            for text in _texts(stream, left):
                if text is None:
                    yield too_long(number)
                    number += 1
                    continue
                yield number, text.removeprefix(BOM) if number == 1 else text
                number += newlines(text) + 1
        except DamagedCompressionError as error:
            yield damaged(error, number)


def _texts(stream: "io.BufferedReader[Any]", left: int) -> Iterator[bytes | None]:
    """Bytes in texts that end before a line's end; None for a line too long to be held."""
    waiting: list[bytes] = []
    size, ended, is_skipping = 0, 0, False  # bytes that wait, and up to their last line end
    try:
        while left > 0 and (part := stream.read1(min(BLOCK_BYTES, left))):
            left -= len(part)
            if is_skipping:
                _, end, part = part.partition(b"\n")
                if not end:
                    continue
                yield None
                is_skipping = False
            waiting.append(part)
            ended = size + cut if (cut := part.rfind(b"\n") + 1) else ended
            size += len(part)
            if ended and size >= BLOCK_BYTES:
                text = b"".join(waiting)
                yield text[: ended - 1]
                waiting, size, ended = [text[ended:]], size - ended, 0
            elif not ended and size >= LINE_LIMIT_BYTES:
                waiting, size, is_skipping = [], 0, True
    except DamagedCompressionError:
        if ended:
            yield b"".join(waiting)[: ended - 1]
        raise
    if is_skipping:
        yield None
    elif size:
        yield b"".join(waiting).removesuffix(b"\n")


def newlines(text: bytes) -> int:
    """How many line feeds bytes hold; numpy counts six times as fast as bytes.count."""
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == NEWLINE))


def whole_text(file: InputFile) -> str | Reject:
    """The whole text of a file that is one document; a reject if it is damaged or not UTF-8."""
    with open_decompressed(file.path) as stream:
        try:
            content = stream.read(DOCUMENT_LIMIT_BYTES + 1)
        except DamagedCompressionError as error:
            return damaged(error, None)
    if content.startswith(UTF16_BOMS):
        return utf16()
    if len(content) > DOCUMENT_LIMIT_BYTES:
        return too_long(None)
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


def too_long(line_number: int | None) -> Reject:
    """The reject for a line, or a document, that is longer than any log's."""
    limit = DOCUMENT_LIMIT_BYTES if line_number is None else LINE_LIMIT_BYTES
    return Reject(
        line_number=line_number,
        column_name=None,
        reason_code="too_long",
        message=f"longer than {limit // 2**20} MiB",
        remedy="export the log without prompts and answers, one record a line",
    )


def utf16() -> Reject:
    """The reject for a file in the encoding that Windows tools write."""
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
