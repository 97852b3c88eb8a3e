"""JSON records with their line numbers: one a line, or in the pages an API answered."""

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from ingest.readers import lines, whole_text
from ingest.records import RECORD_ERRORS, reject_record
from ingest.source import InputFile, Reject

# An API answer rather than a record: it opens with a list, or with one of these keys.
PAGE: Final = re.compile(rb'\s*(\[|\{\s*("(data|total|page|page_size|total_pages)"\s*:|$))')
PAGE_DECODER: Final = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw])
ROWS_DECODER: Final = msgspec.json.Decoder(list[msgspec.Raw])

NumberedRecord = tuple[int, bytes | msgspec.Raw]


def json_records(file: InputFile) -> Iterator[NumberedRecord | Reject]:
    """Records of an NDJSON file, of pages `{data: [...]}` one a line, or of one such document.

    Yields:
        (line on which the record begins, its JSON text, not yet decoded), or rejects.
    """
    is_first = file.first_byte == 0
    for item in lines(file):
        if isinstance(item, Reject) or not PAGE.match(item[1]):
            yield item
        else:
            number, line = item
            try:
                rows = _page_rows(line)
            except RECORD_ERRORS as error:
                if is_first:
                    yield from _document(file)
                    return
                yield reject_record(error, number)
            else:
                yield from ((number, row) for row in rows)
        is_first = False


def _page_rows(page: bytes) -> list[msgspec.Raw]:
    found = PAGE_DECODER.decode(page)
    if isinstance(found, list):
        return found
    return ROWS_DECODER.decode(found.get("data", b"null"))


def _document(file: InputFile) -> Iterator[NumberedRecord | Reject]:
    """Records of a document over many lines; one reject if it is not whole."""
    text = whole_text(file)
    if isinstance(text, Reject):
        yield text
        return
    content = text.encode()
    try:
        rows = _page_rows(content)
    except RECORD_ERRORS as error:
        yield reject_record(error, None)
        return
    number, position = 1, 0
    for row in rows:
        start = content.find(row, position)
        number += content.count(b"\n", position, start)
        position = start
        yield number, row
