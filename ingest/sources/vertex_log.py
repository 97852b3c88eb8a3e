"""Vertex AI request-response logs as BigQuery exports them, and generateContent bodies."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.json_values import records
from ingest.formats.usage_rows import usage_events
from ingest.formats.vertex_record import translate
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "vertex_log"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate rows of the log, one a line, or bodies, one a line or one document.

    Options: `sampling_rate` of the log, above 0 to 1; `team_tag`, the label that holds the team.
    """
    yield from usage_events(file, NAME, records(file), partial(translate, file=file))


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events",),
    version=1,
    description="Vertex AI request-response logs (BigQuery rows as NDJSON), generateContent bodies",
    docs="https://cloud.google.com/vertex-ai/generative-ai/docs/multimodal/request-response-logging",
    read=read,
    reads_name=True,
)
