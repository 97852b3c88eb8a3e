"""LiteLLM_SpendLogs as a database exports it to CSV: JSON columns are text, NULL is empty."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import msgspec

from ingest.formats.csv_cells import read_csv
from ingest.formats.litellm_fields import SpendLog
from ingest.inflate import open_decompressed
from ingest.readers import BOM
from ingest.source import InputFile, Reject

FIELDS: Final = frozenset(SpendLog.__struct_fields__)
HEAD_BYTES: Final = 2**16

Texts = dict[str, str]


def is_csv(file: InputFile) -> bool:
    """Whether a file begins with the header of an export, and not with JSON."""
    names = {name.strip() for name in next(csv.reader([_header(file)]), [])}
    return {"request_id", "startTime"} <= names


def other_table(file: InputFile) -> Reject | None:
    """The reject for an export with other separators or other names of columns."""
    head = _header(file).casefold()
    if "request_id" not in head or "}" in head:  # the end of a record that was cut is no header
        return None
    return Reject(
        line_number=1,
        column_name=None,
        reason_code="unknown_layout",
        message="a table, but not comma separated with columns request_id and startTime",
        remedy='export it as: \\copy (select * from "LiteLLM_SpendLogs") to log.csv csv header',
    )


def _header(file: InputFile) -> str:
    """The first line of a file; nothing if it is JSON or no text."""
    with open_decompressed(file.path) as stream:
        try:
            head = stream.readline(HEAD_BYTES).removeprefix(BOM).decode()
        except (OSError, UnicodeDecodeError):
            return ""
    return "" if head.lstrip()[:1] in ("{", "[") else head


def csv_calls(file: InputFile) -> Iterator[tuple[int, Texts] | Reject]:
    """Calls of an export; older databases lack the newest columns.

    Args:
        file: The export. A part of it is read from the beginning, where the header is.

    Yields:
        (line on which the row begins, texts of the fields that are read), or rejects.
    """
    for item in read_csv(replace(file, first_byte=0, first_line=1)):
        if isinstance(item, Reject):
            if (item.line_number or 0) >= file.first_line or file.first_line == 1:
                yield item
            continue
        frame = item.filter(item["line_number"] >= file.first_line)
        names = [name for name in frame.columns if name in FIELDS]
        rows = frame.select("line_number", *names).iter_rows()
        for number, *cells in rows:
            yield number, {name: text for name, text in zip(names, cells, strict=True) if text}


def spend_log(texts: Texts) -> SpendLog:
    """The call that the texts of a row describe.

    Raises:
        msgspec.ValidationError: A text is not what its column means.
    """
    return msgspec.convert(texts, SpendLog, strict=False)
