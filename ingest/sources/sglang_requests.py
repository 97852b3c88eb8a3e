"""SGLang's own record of each request: the metrics export to files, or the JSON request log."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.event_batches import usage_frame_batches
from ingest.formats.plain_records import OtherRows, PlainForm, record_frames
from ingest.formats.sglang_columns import TYPES, columns, values
from ingest.formats.sglang_plain import RequestDecoder
from ingest.formats.sglang_request import FLAGS, RequestReader, event_columns
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "sglang_requests"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of finished requests.

    No record names its model: `model_name` in sources.toml does. Times without zone, in the
    request log and in the names of exports, need `time_zone`.
    """
    frames = record_frames(file, form_of(file))
    yield from usage_frame_batches(file, NAME, frames, FLAGS)


def form_of(file: InputFile) -> PlainForm:
    """How the records of one file become columns."""
    reader = RequestReader(file, NAME)
    return PlainForm(
        decoder=RequestDecoder(),
        values=values,
        columns=partial(columns, model=reader.model, host=reader.host, hour=reader.hour()),
        translate=OtherRows(translate=reader.translate, frame=event_columns),
        types=TYPES,
        is_one_a_line=True,
    )


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events",),
    version=1,
    description="SGLang requests: --export-metrics-to-file, or --log-requests-format json",
    docs="https://docs.sglang.ai/advanced_features/observability.html",
    read=read,
)
