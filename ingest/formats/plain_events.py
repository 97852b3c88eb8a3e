"""Usage events whose columns are told in full, most of them for thousands of records at once."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import polars as pl

from ingest.formats.plain_records import PlainForm, record_frames
from ingest.formats.record_rows import frame_batches
from ingest.formats.usage_rows import Event, event_batch
from ingest.schema import USAGE_EVENTS
from ingest.source import Batch, InputFile, Reject

FLAGS: Final = "quality_flags"
REQUEST: Final = {
    "grain": pl.lit("request"),
    "request_count": pl.lit(1, pl.Int64()),
}
# What a gateway's or a tracer's own export adds to a request.
GATEWAY: Final = {
    "request_id": pl.col("natural_key"),
    "sampling_ratio": pl.lit(1.0),
    "reported_cost_kind": pl.when(pl.col("reported_cost_usd").is_not_null()).then(
        pl.lit("gateway_estimate")
    ),
}
IS_REQUEST: Final = "is_request"


def event_types(*names: str) -> dict[str, pl.DataType]:
    """Types of columns of usage_events; quality_flags is text as joined_flags tells it."""
    types = {name: USAGE_EVENTS[name] for name in names}
    return types | {FLAGS: pl.String()} if FLAGS in types else types


def event_row(number: int, event: Event, types: Mapping[str, pl.DataType]) -> tuple[object, ...]:
    """The values of one event in the order of `types`."""
    told = event | {"line_number": number, FLAGS: ",".join(event.get(FLAGS, ()))}
    return tuple(map(told.get, types))


def plain_events(
    file: InputFile, source: str, form: PlainForm, same: Mapping[str, pl.Expr]
) -> Iterator[Batch | Reject]:
    """Translate a file's records to usage events.

    Args:
        file: Where they come from.
        source: The source's name, part of the event ids.
        form: How they become columns, natural_key and quality_flags among them; where IS_REQUEST
            is one of them only those that are requests become events.
        same: Columns that follow from these, or are the same for every record.

    Yields:
        Batches of about 50,000 rows, and rejects by line.
    """
    return frame_batches(_requests(file, form), partial(_batch, source, file.instance, same))


def _requests(file: InputFile, form: PlainForm) -> Iterator[pl.DataFrame | Reject]:
    for item in record_frames(file, form):
        if isinstance(item, Reject):
            yield item
            continue
        frame = item.filter(IS_REQUEST).drop(IS_REQUEST) if IS_REQUEST in form.types else item
        if not frame.is_empty():
            yield frame


def _batch(source: str, instance: str, same: Mapping[str, pl.Expr], frame: pl.DataFrame) -> Batch:
    return event_batch(source, instance, frame.with_columns(**REQUEST, **same))
