"""CSV as frames of text cells with line numbers: NULL is not "", and a broken row is one reject."""

from collections.abc import Iterator, Sequence
from typing import Final

import polars as pl

from ingest.readers import lines
from ingest.source import InputFile, Reject

BLOCK_ROWS: Final = 50_000
BLOCK_BYTES: Final = 32 * 2**20
# A quote that is never closed would swallow the rest of the file.
RECORD_LINES: Final = 1000
# Written behind each row; found in its own column, the row has as many cells as the header.
END: Final = "\x1e"
END_COLUMN: Final = "\x1e"


def read_csv(file: InputFile, null_text: str | None = None) -> Iterator[pl.DataFrame | Reject]:
    """Rows of a CSV file with a header, in parts of bounded size.

    Args:
        file: Comma-separated, quoted as RFC 4180 says; plain or compressed.
        null_text: A cell that stands for NULL besides the empty one, such as NULL.

    Yields:
        Frames of `line_number` and one String column for each name of the header: an empty cell
        is NULL, a quoted empty one is ""; and rejects.
    """
    header: list[str] | None = None
    numbers: list[int] = []
    records: list[bytes] = []
    size = 0
    for record in _records(file):
        if isinstance(record, Reject):
            yield record
        elif header is None:
            found = _header(record)
            if isinstance(found, Reject):
                yield found
                return
            header = found
        else:
            numbers.append(record[0])
            records.append(record[1])
            size += len(record[1])
            if len(records) == BLOCK_ROWS or size > BLOCK_BYTES:
                yield from _frames(header, numbers, records, null_text)
                numbers, records, size = [], [], 0
    if header is not None and records:
        yield from _frames(header, numbers, records, null_text)


def _records(file: InputFile) -> Iterator[tuple[int, bytes] | Reject]:
    """Rows with the line on which each begins; a quoted cell may hold line ends."""
    held: list[tuple[int, bytes]] = []
    for item in lines(file):
        if isinstance(item, Reject):
            yield item
        elif not held and item[1].count(b'"') % 2 == 0:
            yield _checked(*item)
        else:
            held.append(item)
            if len(held) > 1 and item[1].count(b'"') % 2:
                yield _checked(held[0][0], b"\n".join(line for _, line in held))
                held = []
            elif len(held) > RECORD_LINES:
                yield from _unclosed(held)
                held = []
    yield from _unclosed(held)


def _unclosed(held: list[tuple[int, bytes]]) -> Iterator[tuple[int, bytes] | Reject]:
    """The row whose quote is never closed is rejected, those after it are read."""
    if held:
        yield _rejected(held[0][0], "bad_quotes", "a quote is opened and not closed")
    for number, line in held[1:]:
        if line.count(b'"') % 2:
            yield _rejected(number, "bad_quotes", "a quote is opened and not closed")
        else:
            yield _checked(number, line)


def _checked(number: int, record: bytes) -> tuple[int, bytes] | Reject:
    if not record.isascii():
        try:
            record.decode()
        except UnicodeDecodeError:
            return _rejected(number, "bad_encoding", "bytes that are not UTF-8")
    return number, record


def _header(record: tuple[int, bytes]) -> list[str] | Reject:
    try:
        cells = pl.read_csv(record[1], has_header=False, infer_schema=False).row(0)
    except pl.exceptions.PolarsError:
        return _rejected(record[0], "bad_header", "the first line holds no names of columns")
    names = [(name or "").strip() for name in cells]
    if len(set(names)) < len(names) or END_COLUMN in names or "line_number" in names:
        return _rejected(record[0], "duplicate_column", "two columns have the same name")
    return names


def _frames(
    header: Sequence[str], numbers: list[int], records: list[bytes], null_text: str | None
) -> Iterator[pl.DataFrame | Reject]:
    try:
        frame = _parsed(header, records, null_text)
    except pl.exceptions.PolarsError:
        frame = None
    if frame is None or frame.height != len(records):
        if len(records) == 1:
            yield _rejected(numbers[0], "bad_row", "not a row of CSV")
            return
        half = len(records) // 2
        yield from _frames(header, numbers[:half], records[:half], null_text)
        yield from _frames(header, numbers[half:], records[half:], null_text)
        return
    frame = frame.with_columns(pl.Series("line_number", numbers, pl.Int64))
    is_whole = (pl.col(END_COLUMN) == END).fill_null(value=False)
    for number in frame.filter(~is_whole)["line_number"]:
        message = f"the row does not have the {len(header)} cells of the header"
        yield _rejected(number, "cell_count", message)
    whole = frame.filter(is_whole).drop(END_COLUMN)
    if whole.height:
        yield whole


def _parsed(header: Sequence[str], records: list[bytes], null_text: str | None) -> pl.DataFrame:
    end = f",{END}\n".encode()
    return pl.read_csv(
        end.join(records) + end,
        has_header=False,
        schema=dict.fromkeys([*header, END_COLUMN], pl.String()),
        null_values=None if null_text is None else [null_text],
        truncate_ragged_lines=True,
    )


def _rejected(number: int, code: str, message: str) -> Reject:
    return Reject(
        line_number=number,
        column_name=None,
        reason_code=code,
        message=message,
        remedy="export the file again; cells with commas, quotes or line ends must be quoted",
    )
