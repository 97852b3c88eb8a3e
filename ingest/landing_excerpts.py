"""Where rejected lines lie and how they are built: names and kinds of fields, never a value."""

import re
from collections.abc import Set
from typing import Final

import msgspec

from ingest.errors import MeterhouseError
from ingest.inflate import DamagedCompressionError, open_decompressed, skip_bytes
from ingest.readers import BOM, LINE_LIMIT_BYTES
from ingest.source import InputFile

Place = tuple[int | None, str | None]  # byte offset in the decompressed file, excerpt
NOWHERE: Final[Place] = (None, None)
PARQUET_MAGIC: Final = b"PAR1"
DECODED_BYTES: Final = 2**20
FIELDS_SHOWN: Final = 20
# A name as programmers choose them; keys that are data (a path, an e-mail, a hash) are not shown.
FIELD_NAME: Final = re.compile(r"(?!(?:.*[0-9]){3})[a-z][A-Za-z0-9_]{0,39}")
KINDS: Final = {bool: "true or false", int: "integer", float: "decimal", type(None): "null"}


def locate(file: InputFile, numbers: Set[int]) -> dict[int, Place]:
    """Byte offsets and excerpts of lines.

    Args:
        file: A text file or a part of one; others have no lines.
        numbers: Line numbers as the reader gave them.

    Returns:
        Line number -> offset of its first byte in the decompressed file, and excerpt. A file that
        cannot be read anymore has no lines either: its rows were read, and are to be kept.
    """
    try:
        return _located(file, numbers) if numbers else {}
    except (OSError, MeterhouseError):
        return {}


def _located(file: InputFile, numbers: Set[int]) -> dict[int, Place]:
    places: dict[int, Place] = {}
    number, offset, last = file.first_line - 1, file.first_byte, max(numbers)
    with open_decompressed(file.path) as stream:
        try:
            if stream.peek(4)[:4] == PARQUET_MAGIC:
                return places
            skip_bytes(stream, file.first_byte)
            is_new, start = True, offset
            while number < last or not is_new:
                raw = stream.readline(LINE_LIMIT_BYTES)
                if not raw:
                    break
                if is_new:
                    number, start = number + 1, offset
                    if number in numbers:
                        places[number] = (start, excerpt(raw))
                offset += len(raw)
                is_new = raw.endswith(b"\n")
        except DamagedCompressionError:
            pass  # lines before that place are found; the place itself is after them
    for missing in (number for number in numbers if number not in places):
        places[missing] = (offset, None)
    return places


def excerpt(raw: bytes) -> str:
    """The structure of a line: `object of 95 bytes: model text(5), usage object(3), 1 other`."""
    line = raw.removeprefix(BOM).strip()
    size = f"{len(line):,} bytes"
    if line[:1] not in (b"{", b"[") or len(line) > DECODED_BYTES:
        return _cells(line, size)
    try:
        value = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        opening = "an object" if line.startswith(b"{") else "a list"
        return f"{size} that open like {opening} and are not JSON"
    if isinstance(value, list):
        return f"list of {size}: {len(value)} items"
    named = [f"{key} {_kind(part)}" for key, part in value.items() if FIELD_NAME.fullmatch(key)]
    others = len(value) - len(named[:FIELDS_SHOWN])
    shown = [*named[:FIELDS_SHOWN], *([f"{others} other"] if others else [])]
    return f"object of {size}: {', '.join(shown) or 'no fields'}"


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f"text({len(value)})"
    if isinstance(value, list):
        return f"list({len(value)})"
    if isinstance(value, dict):
        return f"object({len(value)})"
    return KINDS[type(value)]


def _cells(line: bytes, size: str) -> str:
    commas, tabs, quotes = line.count(b","), line.count(b"\t"), line.count(b'"')
    cells = f"{max(commas, tabs) + 1} cells between {'tabs' if tabs > commas else 'commas'}"
    return f"text of {size}: {cells}, {quotes} quotation marks"
