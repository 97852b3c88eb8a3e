"""Records translated one by one: rows or rejects of each, and batches of bounded size."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from ingest.records import BATCH_ROWS, RECORD_ERRORS, reject_record
from ingest.source import Batch, Reject
from ingest.times import TimestampError

# Values by column; which columns, the translator and what makes a batch of its rows agree on.
Row = dict[str, object]
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
    rows: Iterable[AnyRow | Reject], to_batch: Callable[[Sequence[AnyRow]], Batch]
) -> Iterator[Batch | Reject]:
    """Batches of at most 50,000 rows; rejects pass through."""
    held: list[AnyRow] = []
    for row in rows:
        if isinstance(row, Reject):
            yield row
            continue
        held.append(row)
        if len(held) == BATCH_ROWS:
            yield to_batch(held)
            held = []
    if held:
        yield to_batch(held)
