"""Output and error files of OpenAI's batch interface: one request a line."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Final

import msgspec

from ingest.formats.dated_names import day_of_name
from ingest.formats.json_values import records
from ingest.formats.openai_body import Answer, Body, Fault, answer_frame, answer_of, error_type
from ingest.formats.provider_frames import usage_batch
from ingest.formats.record_rows import batches, translated
from ingest.records import FieldError
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "openai_batch"
FIRST_ERROR_CODE: Final = 400


class _Response(msgspec.Struct):
    status_code: int | None = None
    body: Body | None = None


class _Line(msgspec.Struct):
    """A request's line; `custom_id` is the caller's and may be private, it is not read."""

    id: str
    response: _Response | None = None
    error: Fault | None = None


LINE: Final = msgspec.json.Decoder(_Line)


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate the lines of a batch.

    A line without an answer has no time; it is placed on the day in the file's name.
    """
    rows = translated(records(file), partial(_answers, day_of_name(file)), "created")
    return batches(rows, answer_frame, partial(usage_batch, NAME, file.instance))


def _answers(day: datetime | None, number: int, text: bytes | msgspec.Raw) -> tuple[Answer]:
    line = LINE.decode(text)
    if not line.id:
        raise FieldError("id", "empty", "missing_value")
    response = line.response or _Response()
    body = response.body or Body()
    answer = answer_of(number, body, body.id or line.id, day)
    answer.is_batch = True
    has_failed = line.error is not None or not body.usage
    if has_failed or (response.status_code or 0) >= FIRST_ERROR_CODE:
        answer.has_failed = True
        answer.error_type = error_type(line.error) or answer.error_type
    return (answer,)


SOURCE: Final = Source(
    name=NAME,
    role="client_log",
    tables=("usage_events",),
    version=1,
    description="OpenAI batch output and error files",
    docs="https://platform.openai.com/docs/guides/batch",
    read=read,
    record_lines=True,
    reads_name=True,
)
