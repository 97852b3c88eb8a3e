"""Runs of lines that are one JSON object each, found without looking at every line.

A decoder that takes many lines at once is far faster than one call a line, but it sees values, not
lines: two objects on one line, or one object over two lines, would shift every line number after
them. A Block rules both out. Each of its lines begins with `{` and ends with `}`, so a line end
stands only between `}` and `{`, where no JSON value can go on: not between its tokens, for they
need a comma or a colon there, and not inside a text, where JSON allows no bare line end. No value
therefore reaches over a line end, each line holds at least one, and as soon as a decoder finds as
many values as there are lines, each line holds exactly one.
"""

import io
import sys
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ingest.inflate import DamagedCompressionError, open_decompressed, skip_bytes
from ingest.readers import BOM, LINE_LIMIT_BYTES, UTF16_BOMS, damaged, too_long, utf16
from ingest.source import InputFile, Reject

# As much as a processor's cache holds together with what is decoded from it: 4 MiB blocks take a
# third longer.
BLOCK_BYTES: Final = 2**18


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """Lines that follow each other, each of them from `{` to `}`.

    Attributes:
        first_line: Number of the first.
        line_count: How many.
        text: Their bytes, with a line feed between them.
    """

    first_line: int
    line_count: int
    text: bytes

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """The lines with their numbers."""
        return enumerate(self.text.split(b"\n"), self.first_line)


LinePart = Block | tuple[int, bytes] | Reject


def line_blocks(file: InputFile) -> Iterator[LinePart]:
    """What readers.lines yields, with as many lines as possible in blocks.

    Args:
        file: Plain or compressed, or a part of it.

    Yields:
        Blocks; lines that are no part of one, with their numbers; and rejects.
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
                body = text.removeprefix(BOM) if number == 1 else text
                number += yield from _parts(number, body)
        except DamagedCompressionError as error:
            yield damaged(error, number)


def _texts(stream: "io.BufferedReader[Any]", left: int) -> Iterator[bytes | None]:
    """Bytes in texts that end where a line does; None for a line too long to be held."""
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
                yield text[:ended]
                waiting, size, ended = [text[ended:]], size - ended, 0
            elif not ended and size >= LINE_LIMIT_BYTES:
                waiting, size, is_skipping = [], 0, True
    except DamagedCompressionError:
        if ended:
            yield b"".join(waiting)[:ended]
        raise
    if is_skipping:
        yield None
    elif size:
        yield b"".join(waiting)


def _parts(number: int, text: bytes) -> Generator[LinePart, None, int]:
    """A block, or line by line where the lines are not all alike; returns how many there are."""
    body = text.removesuffix(b"\n")
    alike = body.replace(b"\r\n", b"\n") if b"\r" in body else body
    if len(body) < LINE_LIMIT_BYTES and (count := _alike_lines(alike)):
        yield Block(first_line=number, line_count=count, text=alike)
        return count
    place = number - 1
    for place, raw in enumerate(body.split(b"\n"), number):
        line = raw.rstrip(b"\r\n")
        if len(raw) >= LINE_LIMIT_BYTES:
            yield too_long(place)
        elif line and not line.isspace():
            yield place, line
    return place + 1 - number


def _alike_lines(text: bytes) -> int:
    """How many lines a text has; 0 unless each begins with `{` and ends with `}`."""
    if text[:1] != b"{" or text[-1:] != b"}":
        return 0
    content = np.frombuffer(text, np.uint8)  # four times as fast as bytes.count
    ends = np.flatnonzero(content == ord("\n"))
    is_alike = (content[ends - 1] == ord("}")).all() and (content[ends + 1] == ord("{")).all()
    return len(ends) + 1 if is_alike else 0
