"""Bytes of an input file to lines or text, whatever it is compressed with."""

import sys
from collections.abc import Iterator
from typing import BinaryIO, Final

from ingest.inflate import DamagedCompressionError, open_decompressed, skip_bytes
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
    "too_long",
    "utf16",
    "whole_text",
]

# A longer line is a decompression bomb or not a log; it is rejected without being held.
LINE_LIMIT_BYTES: Final = 64 * 2**20
DOCUMENT_LIMIT_BYTES: Final = 512 * 2**20
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
    number = file.first_line - 1
    left = sys.maxsize if file.end_byte is None else file.end_byte - file.first_byte
    with open_decompressed(file.path) as stream:
        try:
            skip_bytes(stream, file.first_byte)
            while raw := stream.readline(min(LINE_LIMIT_BYTES, left)):
                number += 1
                left -= len(raw)
                if number == 1 and raw.startswith(UTF16_BOMS):
                    yield utf16()
                    return
                if len(raw) >= LINE_LIMIT_BYTES and not raw.endswith(b"\n"):
                    left -= _skip_line(stream)
                    yield too_long(number)
                    continue
                line = (raw.removeprefix(BOM) if number == 1 else raw).rstrip(b"\r\n")
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


def _skip_line(stream: BinaryIO) -> int:
    """Read to the end of the line; how many bytes that were."""
    count = 0
    while part := stream.readline(2**20):
        count += len(part)
        if part.endswith(b"\n"):
            break
    return count


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
