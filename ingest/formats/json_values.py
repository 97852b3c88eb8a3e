"""JSON values of a file, one a line or over many lines, with the line on which each begins."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from ingest.line_blocks import Block, line_blocks
from ingest.readers import DOCUMENT_LIMIT_BYTES, lines_of, too_long
from ingest.records import RECORD_ERRORS, reject_record
from ingest.source import InputFile, Reject

RAW: Final = msgspec.json.Decoder(msgspec.Raw)
ROWS: Final = msgspec.json.Decoder(list[msgspec.Raw])
PAGE: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
# Strings are passed over; a quotation mark alone opens a string that its line does not close.
TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|["{}\[\]]')
AT_MARGIN: Final = re.compile(rb"\n(?=[{\[])")
CLOSES: Final = {b"}": b"{", b"]": b"["}
# Deeper than any report; a run of broken lines must not be taken for one endless document.
DEPTH_LIMIT: Final = 200
UNFINISHED: Final = msgspec.DecodeError("")

NumberedLine = tuple[int, bytes]
NumberedValue = tuple[int, bytes | msgspec.Raw]


def json_values(file: InputFile) -> Iterator[NumberedLine | Reject]:
    """Top-level JSON values: NDJSON, one document over many lines, or several in a row.

    A value that is never closed is one reject, and reading goes on with the next value that
    begins at the left margin. A faulty value on one line is yielded: its decoder rejects it.

    Yields:
        (line on which the value begins, its text), or rejects.
    """
    for item in value_blocks(file):
        if isinstance(item, Block):
            yield from item.lines()
        else:
            yield item


def value_blocks(file: InputFile) -> Iterator[Block | NumberedLine | Reject]:
    """What json_values yields, with runs of lines that are one object each in blocks."""
    reading = _Reading()
    for item in line_blocks(file):
        if isinstance(item, Reject):
            yield item
        elif not isinstance(item, Block):
            reading.waiting.append(item)
            yield from reading.values()
        elif reading.is_open():
            for line in item.lines():
                reading.waiting.append(line)
                yield from reading.values()
        else:
            reading.is_skipping = False
            yield item
    while reading.is_open():
        yield reading.give_up()
        yield from reading.values()


def records(file: InputFile, page_key: str | None = None) -> Iterator[NumberedValue | Reject]:
    """Bare records, records in lists, and those in the pages of an API.

    Args:
        file: Its text is JSON.
        page_key: A value that has this key is a page: a list of records lies under it.

    Yields:
        (line on which the record begins, its text), or rejects.
    """
    for item in value_blocks(file):
        if isinstance(item, Reject):
            yield item
        elif not isinstance(item, Block):
            yield from records_of(*item, page_key)
        elif page_key is None or _key_text(page_key) not in item.text:
            yield from item.lines()  # objects that are no pages
        else:
            for number, text in item.lines():
                yield from records_of(number, text, page_key)


def records_of(number: int, text: bytes, page_key: str | None) -> Iterator[NumberedValue | Reject]:
    """The records of one value, given the line on which it begins."""
    try:
        rows = _rows(text, page_key)
    except RECORD_ERRORS as error:
        yield reject_record(error, number)
    else:
        yield from [(number, text)] if rows is None else members(number, text, rows)


def members(number: int, text: bytes, rows: Sequence[msgspec.Raw]) -> Iterator[NumberedValue]:
    """Values inside a value, in their order, with the lines on which they begin."""
    line, position = number, 0
    for row in rows:
        start = text.find(row, position)
        line += text.count(b"\n", position, start)
        position = start
        yield line, row
        line += text.count(b"\n", position, position + len(row))
        position += len(row)


def _rows(text: bytes, page_key: str | None) -> list[msgspec.Raw] | None:
    if text.lstrip()[:1] == b"[":
        return ROWS.decode(text)
    if page_key is None or _key_text(page_key) not in text:
        return None
    data = PAGE.decode(text).get(page_key)
    return None if data is None else ROWS.decode(data)


def _key_text(page_key: str) -> bytes:
    return b'"%b"' % page_key.encode()


class _Reading:
    """Lines that wait for their turn, and the text of a value that is still open."""

    def __init__(self) -> None:
        self.waiting: deque[NumberedLine] = deque()
        self.is_skipping = False
        self._text = bytearray()  # a line as an object of Python takes ten times its length
        self._first_line = 0
        self._last_line = 0
        self._open: list[bytes] = []

    def is_open(self) -> bool:
        """Whether a value has begun that is not closed yet."""
        return bool(self._text)

    def values(self) -> Iterator[NumberedLine | Reject]:
        """What the waiting lines complete."""
        while self.waiting:
            item = self.waiting.popleft()
            line = item[1]
            if self.is_open() and self._open[-1] == b"{" and _is_whole(line):
                # Inside an object a line cannot be an object: the one before was cut off.
                self.waiting.appendleft(item)
                yield self.give_up()
            elif self.is_open():
                yield from self._hold(item)
            elif line[:1] == b"{" and line.rstrip()[-1:] == b"}":
                self.is_skipping = False
                yield item
            elif self.is_skipping and line[:1] in b' \t}]",':
                continue
            elif line.lstrip()[:1] in (b"{", b"[") and not _is_closed(line):
                self.is_skipping = False
                yield from self._hold(item)
            else:
                yield item

    def _hold(self, item: NumberedLine) -> Iterator[NumberedLine | Reject]:
        number, line = item
        if self.is_open():  # blank lines are put back, so that lines can be counted
            self._text += b"\n" * (number - self._last_line)
        else:
            self._first_line = number
        self._text += line
        self._last_line = number
        is_sound = self._follow(line) and len(self._text) <= DOCUMENT_LIMIT_BYTES
        if not is_sound:
            yield self.give_up()
        elif not self._open:
            yield self._first_line, bytes(self._text)
            self._release()

    def _follow(self, line: bytes) -> bool:
        """Follow a line's brackets; False where no JSON can go on like this."""
        for token in TOKEN.findall(line):
            if token in (b"{", b"["):
                self._open.append(token)
            elif token in CLOSES:
                if not self._open or self._open.pop() != CLOSES[token]:
                    return False
            elif token == b'"':
                return False
        return len(self._open) <= DEPTH_LIMIT

    def give_up(self) -> Reject:
        """Reject the open value; lines after it wait again from the next that opens at margin."""
        reject = reject_record(UNFINISHED, self._first_line)
        if len(self._text) > DOCUMENT_LIMIT_BYTES:
            reject = replace(too_long(None), line_number=self._first_line)
        margin = AT_MARGIN.search(self._text)
        if margin is not None:
            number = self._first_line + self._text.count(b"\n", 0, margin.end())
            rest = lines_of(number, bytes(self._text[margin.end() :]))
            lines = [line for line in rest if not isinstance(line, Reject)]  # none is too long here
            self.waiting.extendleft(reversed(lines))
        self.is_skipping = margin is None
        self._release()
        return reject

    def _release(self) -> None:
        self._text, self._open = bytearray(), []


def _is_whole(line: bytes) -> bool:
    if line[:1] != b"{" or line.rstrip()[-1:] != b"}":
        return False
    try:
        RAW.decode(line)
    except RECORD_ERRORS:
        return False
    return True


def _is_closed(line: bytes) -> bool:
    """Whether a line is a value, sound or not, and not the beginning of one."""
    try:
        RAW.decode(line)
    except msgspec.DecodeError as error:
        return "truncated" not in str(error)
    except RECORD_ERRORS:
        return True
    return True
