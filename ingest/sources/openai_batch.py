"""Output and error files of OpenAI's batch interface: one request a line."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

import msgspec

from ingest.formats.dated_names import day_of_name
from ingest.formats.openai_body import Answer, Body, Fault, answer_frame, answer_of, error_type
from ingest.formats.openai_columns import TYPES, columns, values
from ingest.formats.openai_plain import LINES, NO_BODY, NO_RESPONSE, PlainLine
from ingest.formats.plain_records import OtherRows, PlainForm, record_frames
from ingest.formats.provider_frames import usage_batch
from ingest.formats.record_rows import frame_batches
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
    frames = record_frames(file, form_of(file))
    return frame_batches(frames, partial(usage_batch, NAME, file.instance))


def form_of(file: InputFile) -> PlainForm:
    """How the lines of one file become columns."""
    day = day_of_name(file)
    return PlainForm(
        decoder=LINES,
        values=_values,
        columns=partial(columns, is_batch=True, day=day),
        translate=OtherRows(
            translate=partial(_answers, day), frame=answer_frame, time_column="created"
        ),
        types=TYPES,
    )


def _values(lines: Sequence[PlainLine]) -> Mapping[str, list[Any]]:
    responses = [line.response or NO_RESPONSE for line in lines]
    bodies = [response.body or NO_BODY for response in responses]
    found = values(bodies)
    told = zip(lines, responses, bodies, strict=True)
    has_failed = [
        line.error is not None
        or not body.usage
        or (response.status_code or 0) >= FIRST_ERROR_CODE
        or bool(body.error)
        for line, response, body in told
    ]
    own_errors = zip(lines, found["error_type"], strict=True)
    keys = zip(lines, bodies, strict=True)
    return {
        **found,
        "natural_key": [(body.id or line.id) if line.id else None for line, body in keys],
        "has_failed": has_failed,
        "error_type": [error_type(line.error) or error for line, error in own_errors],
        "has_usage": [body.usage is None or body.other_counts is not None for body in bodies],
    }


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
