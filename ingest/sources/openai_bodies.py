"""OpenAI answers as the application kept them: chat completions and responses."""

from collections.abc import Iterator
from functools import partial
from typing import Final

import msgspec

from ingest.formats.openai_body import Answer, Body, answer_frame, answer_of
from ingest.formats.openai_columns import TYPES, columns, values
from ingest.formats.openai_plain import BODIES
from ingest.formats.plain_records import OtherRows, PlainForm, record_frames
from ingest.formats.provider_frames import usage_batch
from ingest.formats.record_rows import frame_batches
from ingest.records import FieldError
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "openai_bodies"
BODY: Final = msgspec.json.Decoder(Body)


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate answers: one document, NDJSON or a list; chunks of a stream share their id."""
    return frame_batches(record_frames(file, FORM), partial(usage_batch, NAME, file.instance))


def _answers(number: int, text: bytes | msgspec.Raw) -> tuple[Answer]:
    body = BODY.decode(text)
    if not body.id:
        raise FieldError("id", "an answer without id", "missing_value")
    return (answer_of(number, body, body.id),)


FORM: Final = PlainForm(
    decoder=BODIES,
    values=values,
    columns=partial(columns, is_batch=None, day=None),
    translate=OtherRows(translate=_answers, frame=answer_frame, time_column="created"),
    types=TYPES,
)
SOURCE: Final = Source(
    name=NAME,
    role="client_log",
    tables=("usage_events",),
    version=1,
    description="OpenAI answers kept by an application: chat completions and responses",
    docs="https://platform.openai.com/docs/api-reference/responses/object",
    read=read,
    record_lines=True,
)
