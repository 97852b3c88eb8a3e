"""Records read a column at a time where they are as nearly all are, and one by one elsewhere.

A source states the plain form of its records: types narrower than what its producer may write, and
the columns of records of these types. Whatever does not fit, a value of another type, a key that
the plain form does not name where each counts, a time or an amount in an unusual notation, is
translated by the source's own function for one record, which alone also knows how to reject it.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Final, Protocol, TypeVar

import msgspec
import polars as pl

from ingest.formats.json_values import records_of, value_blocks
from ingest.formats.record_rows import GROUP_ROWS, translated
from ingest.line_blocks import Block, line_blocks
from ingest.records import RECORD_ERRORS, reject_record
from ingest.source import InputFile, Reject

# Decoded records of this much text are still in a processor's cache when their values are taken.
DECODED_BYTES: Final = 2**18
# Some thousand rows, over which the fixed costs of building columns are spread.
GROUP_BYTES: Final = 2**24
GROUP_OTHERS: Final = 10_000
IS_PLAIN: Final = "is_plain"
PLACE: Final = "place"  # in the file's order

Text = bytes | msgspec.Raw
Item = TypeVar("Item")
Values = Mapping[str, list[Any]]


class RecordDecoder(Protocol):
    """What decodes records: msgspec.json.Decoder, or what is like it."""

    def decode(self, text: Text, /) -> Any:
        """One record; raises what RECORD_ERRORS names."""

    def decode_lines(self, text: bytes, /) -> list[Any]:
        """Records, one a line; raises what RECORD_ERRORS names."""


@dataclass(frozen=True, kw_only=True)
class OtherRows:
    """How records become columns that may have several rows, or none.

    Attributes:
        translate: The rows of one record, given its line; raises what RECORD_ERRORS names, or
            TimestampError.
        frame: Columns of rows.
        time_column: Named in the reject where a time could not be placed.
    """

    translate: Callable[[int, Text], Sequence[Any]]
    frame: Callable[[Sequence[Any]], pl.DataFrame]
    time_column: str = "timestamp"


@dataclass(frozen=True, kw_only=True)
class PlainForm:
    """How a source's records become columns.

    Attributes:
        decoder: Of records in their plain form. What it accepts is no page, and `translate`
            accepts it too.
        values: What its columns are made of, taken from decoded records: lists by name.
        columns: Columns made of these values, those of `types` but the line number, and IS_PLAIN:
            False where a value needs `translate` after all.
        translate: The values of one record, given its line, in the order of `types`; raises what
            RECORD_ERRORS names. Or what takes its place.
        types: Columns, line_number among them.
        page_key: A value that has this key is a page: a list of records lies under it.
        has_lists: Whether a list at the top level holds records; if not, `translate` rejects it.
        is_one_a_line: Every line is a record, and no record is in a list or on many lines.
    """

    decoder: RecordDecoder
    values: Callable[[Sequence[Any]], Values]
    columns: Callable[[Values], pl.DataFrame]
    translate: Callable[[int, Text], tuple[object, ...]] | OtherRows
    types: Mapping[str, pl.DataType]
    page_key: str | None = None
    has_lists: bool = True
    is_one_a_line: bool = False

    @property
    def others(self) -> OtherRows:
        """How the records that are not plain become columns."""
        translate = self.translate
        if isinstance(translate, OtherRows):
            return translate
        return OtherRows(
            translate=lambda number, text: (translate(number, text),),
            frame=partial(frame_of, types=self.types),
        )


def record_frames(file: InputFile, form: PlainForm) -> Iterator[pl.DataFrame | Reject]:
    """Records of a JSON file to columns, in their order.

    Args:
        file: Records one a line, in lists, or in the pages of an API.
        form: How they become columns.

    Yields:
        Frames of some thousand rows with the columns of `form.types`, and rejects.
    """
    group = _Group(form)
    for item in line_blocks(file) if form.is_one_a_line else value_blocks(file):
        group.add(item)
        if group.is_full:
            yield from group.taken()
            group = _Group(form)
    yield from group.taken()


class _Group:
    """Records that become one frame."""

    def __init__(self, form: PlainForm) -> None:
        self._form = form
        self._decoded: list[Any] = []  # rows whose values are not taken yet
        self._decoded_bytes = 0
        self._values: dict[str, list[Any]] = {}
        self._numbers: list[int] = []
        # Where the texts of rows are: from which row on which block, or the text of one record.
        self._starts: list[int] = []
        self._texts: list[Block | Text] = []
        # Places of records that are not plain, and of rejects, which wait for their turn.
        self._others: list[tuple[int, tuple[int, Text] | Reject]] = []
        self._size = 0

    @property
    def is_full(self) -> bool:
        return self._size >= GROUP_BYTES or len(self._others) >= GROUP_OTHERS

    def add(self, item: Block | tuple[int, bytes] | Reject) -> None:
        """Decode the records of a value, or of a block at once if all are plain."""
        if isinstance(item, Reject):
            self._wait(item)
            return
        if not isinstance(item, Block):
            self._add_value(*item)
            return
        try:
            rows = self._form.decoder.decode_lines(item.text)
        except RECORD_ERRORS:
            rows = []
        if len(rows) == item.line_count:
            numbers = range(item.first_line, item.first_line + item.line_count)
            self._hold(rows, numbers, item, len(item.text))
            return
        for number, line in item.lines():
            self._add_value(number, line)

    def _wait(self, item: tuple[int, Text] | Reject) -> None:
        self._others.append((2 * len(self._numbers), item))

    def _add_value(self, number: int, text: bytes) -> None:
        if self._form.is_one_a_line or not self._form.has_lists:
            self._add_one(number, text)
            return
        for record in records_of(number, text, self._form.page_key):
            if isinstance(record, Reject):
                self._wait(record)
            else:
                self._add_one(*record)

    def _add_one(self, number: int, text: Text) -> None:
        size = len(bytes(text))
        try:
            row = self._form.decoder.decode(text)
        except RECORD_ERRORS:
            self._wait((number, text))
            self._size += size
        else:
            self._hold([row], (number,), text, size)

    def _hold(self, rows: list[Any], numbers: Sequence[int], text: Block | Text, size: int) -> None:
        self._starts.append(len(self._numbers))
        self._texts.append(text)
        self._numbers += numbers
        self._decoded += rows
        self._size += size
        self._decoded_bytes += size
        if self._decoded_bytes >= DECODED_BYTES:
            self._take_values()

    def _take_values(self) -> None:
        if not self._decoded:
            return
        taken = self._form.values(self._decoded)
        self._decoded, self._decoded_bytes = [], 0
        for name, values in taken.items():
            self._values.setdefault(name, []).extend(values)

    def taken(self) -> Iterator[pl.DataFrame | Reject]:
        """The frame of the group, and the rejects of its records."""
        self._take_values()
        frames = [self._plain()] if self._numbers else []
        others = self._form.others
        rows: list[Any] = []
        places: list[int] = []
        for place, item in sorted(self._others, key=lambda other: other[0]):
            for row in translated((item,), others.translate, others.time_column):
                if isinstance(row, Reject):
                    yield row
                else:
                    rows.append(row)
                    places.append(place)
            if len(rows) >= GROUP_ROWS:
                frames.append(self._other(rows, places))
                rows, places = [], []
        if rows:
            frames.append(self._other(rows, places))
        if frames:
            frame = pl.concat(frames)
            ordered = frame if len(frames) == 1 else frame.sort(PLACE, maintain_order=True)
            if not ordered.is_empty():
                yield ordered.drop(PLACE)

    def _other(self, rows: Sequence[Any], places: Sequence[int]) -> pl.DataFrame:
        frame = self._form.others.frame(rows).select(*self._form.types)
        return frame.with_columns(pl.Series(PLACE, places, pl.Int64()))

    def _plain(self) -> pl.DataFrame:
        """Columns of the plain records; the others among them join those that wait."""
        frame = self._form.columns(self._values).with_columns(
            pl.Series("line_number", self._numbers, pl.Int64()),
            pl.int_range(1, 2 * len(self._numbers) + 1, 2).alias(PLACE),
        )
        is_plain = frame.get_column(IS_PLAIN)
        frame = frame.select(*self._form.types, PLACE)
        if is_plain.all():
            return frame
        for row, text in self._texts_of((~is_plain).arg_true()):
            self._others.append((2 * row + 1, (self._numbers[row], text)))
        return frame.filter(is_plain)

    def _texts_of(self, rows: Iterable[int]) -> Iterator[tuple[int, Text]]:
        for part, found in groupby(rows, lambda row: bisect_right(self._starts, row) - 1):
            text, start = self._texts[part], self._starts[part]
            texts = text.text.split(b"\n") if isinstance(text, Block) else [text]
            yield from ((row, texts[row - start]) for row in found)


def row_frames(
    items: Iterable[tuple[int, Item] | Reject],
    translate: Callable[[int, Item], tuple[object, ...]],
    types: Mapping[str, pl.DataType],
) -> Iterator[pl.DataFrame | Reject]:
    """What record_frames yields, of records that have no plain form."""
    rows: list[tuple[object, ...]] = []
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        try:
            rows.append(translate(*item))
        except RECORD_ERRORS as error:
            yield reject_record(error, item[0])
        if len(rows) >= GROUP_OTHERS:
            yield frame_of(rows, types)
            rows = []
    if rows:
        yield frame_of(rows, types)


def frame_of(rows: Sequence[tuple[object, ...]], types: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """Translated rows with their values in the order of `types`."""
    columns = zip(types.items(), zip(*rows, strict=True), strict=True)
    return pl.DataFrame(
        [pl.Series(name, values, dtype, strict=True) for (name, dtype), values in columns]
    )
