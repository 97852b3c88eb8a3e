"""Anthropic answers as the application kept them, and results of message batches."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.anthropic_columns import TYPES, columns, values
from ingest.formats.anthropic_message import answer_frame, answers_of
from ingest.formats.anthropic_plain import ENVELOPES
from ingest.formats.dated_names import day_of_name
from ingest.formats.plain_records import OtherRows, PlainForm, record_frames
from ingest.formats.provider_frames import usage_batch
from ingest.formats.record_rows import frame_batches
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import stated_zone

NAME: Final = "anthropic_messages"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate answers: one document, NDJSON or a list.

    An answer has no time of its own; without one beside it, it is placed on the day in the
    file's name and flagged.
    """
    frames = record_frames(file, form_of(file))
    return frame_batches(frames, partial(usage_batch, NAME, file.instance))


def form_of(file: InputFile) -> PlainForm:
    """How the answers of one file become columns."""
    zone, day = stated_zone(file), day_of_name(file)
    return PlainForm(
        decoder=ENVELOPES,
        values=values,
        columns=partial(columns, is_utc=zone == "UTC", day=day),
        translate=OtherRows(
            translate=lambda number, text: answers_of(number, text, zone, day), frame=answer_frame
        ),
        types=TYPES,
    )


SOURCE: Final = Source(
    name=NAME,
    role="client_log",
    tables=("usage_events",),
    version=2,
    description="Anthropic answers kept by an application, and results of message batches",
    docs="https://platform.claude.com/docs/en/api/messages",
    read=read,
    record_lines=True,
    reads_name=True,
)
