"""SGLang's own record of each request: the metrics export to files, or the JSON request log."""

from collections.abc import Iterator
from typing import Final

from ingest.formats.event_batches import usage_batches
from ingest.formats.record_rows import translated
from ingest.formats.sglang_request import FLAGS, RequestReader, event_columns
from ingest.readers import lines
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "sglang_requests"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of finished requests.

    No record names its model: `model_name` in sources.toml does. Times without zone, in the
    request log and in the names of exports, need `time_zone`.
    """
    reader = RequestReader(file, NAME)
    rows = translated(lines(file), reader.translate, "timestamp")
    yield from usage_batches(file, NAME, rows, event_columns, FLAGS)


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events",),
    version=1,
    description="SGLang requests: --export-metrics-to-file, or --log-requests-format json",
    docs="https://docs.sglang.ai/advanced_features/observability.html",
    read=read,
)
