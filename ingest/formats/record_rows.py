"""Records translated one by one: rows or rejects of each, and batches of bounded size."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeVar

import polars as pl

from ingest.records import BATCH_ROWS, RECORD_ERRORS, reject_record
from ingest.source import Batch, Reject
from ingest.times import TimestampError

# Objects of more records leave a processor's cache before columns are made of them; BATCH_ROWS is
# a multiple.
GROUP_ROWS: Final = 2_000
# Values by column; which columns, the translator and what makes a batch of its rows agree on.
Row = dict[str, object]
Aside = Reject | Batch
Item = TypeVar("Item")
AnyRow = TypeVar("AnyRow")


def translated(
    items: Iterable[tuple[int, Item] | Reject],
    translate: Callable[[int, Item], Sequence[AnyRow]],
    time_column: str = "timestamp",
) -> Iterator[AnyRow | Reject]:
    """Rows of numbered items; an item that cannot be translated is one reject.

    Args:
        items: Line numbers and items; rejects pass through.
        translate: Gives the rows of an item; raises what RECORD_ERRORS names, or TimestampError.
        time_column: Named in the reject where a time could not be placed.
    """
    for item in items:
        if isinstance(item, Reject):
            yield item
            continue
        try:
            rows = translate(*item)
        except TimestampError as error:
            yield error.reject(item[0], time_column)
        except RECORD_ERRORS as error:
            yield reject_record(error, item[0])
        else:
            yield from rows


def batches(
    rows: Iterable[AnyRow | Aside],
    to_frame: Callable[[Sequence[AnyRow]], pl.DataFrame],
    to_batch: Callable[[pl.DataFrame], Batch],
) -> Iterator[Batch | Reject]:
    """Batches of at most 50,000 rows; rejects, and batches of other tables, pass through.

    Args:
        rows: Translated records.
        to_frame: Gives the columns of some thousand rows.
        to_batch: Makes a batch of all columns.
    """
    return frame_batches(_framed(rows, to_frame), to_batch)


def frame_batches(
    frames: Iterable[pl.DataFrame | Aside], to_batch: Callable[[pl.DataFrame], Batch]
) -> Iterator[Batch | Reject]:
    """Batches of about 50,000 rows of frames, which may lack each other's columns."""
    held: list[pl.DataFrame] = []
    for frame in frames:
        if isinstance(frame, Aside):
            yield frame
            continue
        held.append(frame)
        if sum(one.height for one in held) >= BATCH_ROWS:
            yield to_batch(pl.concat(held, how="diagonal"))
            held = []
    if held:
        yield to_batch(pl.concat(held, how="diagonal"))


def _framed(
    rows: Iterable[AnyRow | Aside], to_frame: Callable[[Sequence[AnyRow]], pl.DataFrame]
) -> Iterator[pl.DataFrame | Aside]:
    held: list[AnyRow] = []
    for row in rows:
        if isinstance(row, Aside):
            yield row
            continue
        held.append(row)
        if len(held) == GROUP_ROWS:
            yield to_frame(held)
            held = []
    if held:
        yield to_frame(held)
