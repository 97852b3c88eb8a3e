"""nvidia-smi's CSV as a frame of cells: headers in the middle, cut rows, fields in any order."""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from typing import Final

import polars as pl

from ingest.source import Reject

TIME_FIELD: Final = "timestamp"  # a row without it is of no use, so every header has it
UNIT: Final = re.compile(r"\s*\[[^\]]*\]$")
# Rows are split into cells in blocks, so that a long file is not held as Python objects.
BLOCK_ROWS: Final = 100_000
CELLS_SCHEMA: Final = {"line_number": pl.Int64(), "text": pl.String()}


class _Block:
    """Rows below one header."""

    def __init__(self) -> None:
        self.header: Sequence[str] = ()
        self.numbers: list[int] = []
        self.texts: list[str] = []

    def take(self) -> pl.DataFrame:
        frame = pl.DataFrame({"line_number": self.numbers, "text": self.texts}, schema=CELLS_SCHEMA)
        self.numbers, self.texts = [], []
        return frame


def cells(
    rows: Iterator[tuple[int, bytes] | Reject], known: Set[str]
) -> Iterator[pl.DataFrame | Reject]:
    """Split rows into cells.

    Args:
        rows: Lines with their numbers.
        known: Names of the fields to keep.

    Yields:
        Frames of line_number and one String column for each known field of the header in force;
        rejects for rows without header, and for rows whose number of cells is not the header's.
    """
    block, headless = _Block(), 0
    for row in rows:
        if isinstance(row, Reject):
            yield row
            continue
        text = row[1].decode(errors="replace")
        if (fields := _fields(text)) is not None:
            if fields != block.header:
                yield from _split(block, known)
                block.header = fields
        elif not block.header:
            headless += 1
        else:
            block.numbers.append(row[0])
            block.texts.append(text)
            if len(block.numbers) >= BLOCK_ROWS:
                yield from _split(block, known)
    yield from _split(block, known)
    if headless:
        yield replace(
            _NO_HEADER,
            message=f"{headless} rows with no header line that names `timestamp` before them",
        )


def _fields(text: str) -> Sequence[str] | None:
    """The field names of a header line, None for any other line."""
    if TIME_FIELD not in text:
        return None
    names = [UNIT.sub("", cell.strip()) for cell in text.split(",")]
    return names if TIME_FIELD in names else None


def _split(block: _Block, known: Set[str]) -> Iterator[pl.DataFrame | Reject]:
    frame = block.take()
    if not frame.height:
        return
    split = frame.select("line_number", pl.col("text").str.split(",").alias("cells"))
    is_whole = pl.col("cells").list.len() == len(block.header)
    for number in split.filter(~is_whole).get_column("line_number"):
        yield replace(_BAD_ROW, line_number=number)
    positions = {name: place for place, name in enumerate(block.header) if name in known}
    yield split.filter(is_whole).select(
        "line_number",
        *(
            pl.col("cells").list.get(place).str.strip_chars().alias(name)
            for name, place in positions.items()
        ),
    )


_BAD_ROW = Reject(
    line_number=None,
    column_name=None,
    reason_code="bad_row",
    message="the row does not have as many cells as its header",
    remedy="the row was cut while it was written; deliver the file again if it is complete now",
)
_NO_HEADER = replace(
    _BAD_ROW,
    reason_code="no_header",
    remedy="query with --format=csv (not noheader), or add the field names as first line, such as "
    "`timestamp, uuid, utilization.gpu [%], power.draw [W]`",
)
