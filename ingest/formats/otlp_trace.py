"""Where spans stand in their traces: which span called which, and which are model calls."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import polars as pl

from ingest.formats.otlp_span import Span, ids_of, is_of_server, parent_of, start_of
from ingest.formats.record_rows import Aside, Row
from ingest.records import BATCH_ROWS, FieldError, event_ids
from ingest.schema import TRACE_SPANS
from ingest.source import Batch, InputFile, Reject
from ingest.times import TimestampError

TABLE = "trace_spans"


class Place(NamedTuple):
    """A span in its trace; its columns are those of trace_spans, but for is_call."""

    line_number: int
    started_at: datetime
    trace_id: str
    span_id: str
    parent_span_id: str | None
    is_server: bool
    is_call: bool


def place_of(number: int, span: Span, *, is_call: bool) -> Place | None:
    """The place of a span; None where it has no ids or no start, by which to find it.

    Args:
        number: The line's.
        span: Any span, a model call or not.
        is_call: Whether it is an event of its own.
    """
    try:
        trace_id, span_id = ids_of(span)
        started_at = start_of(span)
    except (FieldError, TimestampError):
        return None
    parent = parent_of(span)
    return Place(number, started_at, trace_id, span_id, parent, is_of_server(span), is_call)


def apart_from_places(
    file: InputFile, source: str, items: Iterable[Row | Place | Reject]
) -> Iterator[Row | Aside]:
    """Rows and rejects as they are; places as batches of trace_spans, at most 50,000 in each."""
    held: list[Place] = []
    for item in items:
        if not isinstance(item, Place):
            yield item
            continue
        held.append(item)
        if len(held) == BATCH_ROWS:
            yield _batch(file, source, held)
            held = []
    if held:
        yield _batch(file, source, held)


def _batch(file: InputFile, source: str, places: Sequence[Place]) -> Batch:
    schema = {"line_number": pl.Int64(), **TRACE_SPANS, "is_call": pl.Boolean()}
    columns = {name: schema[name] for name in Place._fields}
    frame = pl.DataFrame(places, schema=columns, orient="row")
    keys = pl.concat_str("trace_id", pl.lit(" "), "span_id")
    ids = event_ids(source, file.instance, frame.select(keys).to_series().to_list())
    event_id = pl.when("is_call").then(pl.Series(ids, dtype=pl.String())).alias("event_id")
    return Batch(table=TABLE, frame=frame.select(pl.exclude("is_call"), event_id))
