"""Vertex AI request-response logs as BigQuery exports them, and generateContent bodies."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.plain_events import event_row, plain_events
from ingest.formats.plain_records import PlainForm
from ingest.formats.vertex_bodies import PLAIN_ROW
from ingest.formats.vertex_columns import TYPES, columns, values
from ingest.formats.vertex_record import translate
from ingest.formats.vertex_steps import facts_of
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "vertex_log"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate rows of the log, one a line, or bodies, one a line or one document.

    Options: `sampling_rate` of the log, above 0 to 1; `team_tag`, the label that holds the team.
    """
    yield from plain_events(file, NAME, form_of(file), {})


def form_of(file: InputFile) -> PlainForm:
    """How records of a file become columns."""
    facts = facts_of(file)
    return PlainForm(
        decoder=PLAIN_ROW,
        values=partial(values, facts=facts),
        columns=partial(columns, facts=facts),
        translate=lambda number, text: event_row(number, translate(text, file), TYPES),
        types=TYPES,
    )


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
