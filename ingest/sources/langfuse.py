"""Langfuse observations: answers of its API, and its exports as JSON, JSONL or CSV."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import polars as pl

from ingest.formats.langfuse_columns import IS_REQUEST, TYPES, columns
from ingest.formats.langfuse_plain import decoder, values
from ingest.formats.langfuse_record import translate
from ingest.formats.plain_events import event_values, plain_batch
from ingest.formats.plain_records import PlainForm, record_frames
from ingest.formats.record_fields import csv_records, is_json
from ingest.formats.record_rows import frame_batches
from ingest.formats.usage_rows import Text, usage_events
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "langfuse"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate generations and embeddings; other observations are no requests.

    Options: `provider_name`, since Langfuse reports none; `team_tag`, the key of the metadata
    that holds the team.
    """
    if is_json(file):
        return frame_batches(_frames(file), partial(_batch, file))
    return usage_events(file, NAME, csv_records(file), partial(translate, options=file.options))


def plain_form(options: Mapping[str, str]) -> PlainForm:
    """How observations in JSON become columns; for the options see `read`."""
    tag = options.get("team_tag")
    return PlainForm(
        decoder=decoder(tag),
        values=partial(values, tag=tag),
        columns=columns,
        translate=partial(_translated, options),
        types=TYPES,
        page_key="data",
    )


def _translated(options: Mapping[str, str], number: int, text: Text) -> tuple[object, ...]:
    event = translate(text, options)
    place = {"line_number": number, IS_REQUEST: event is not None}
    return event_values((event or {}) | place, TYPES)


def _frames(file: InputFile) -> Iterator[pl.DataFrame | Reject]:
    for item in record_frames(file, plain_form(file.options)):
        if isinstance(item, Reject):
            yield item
        elif (requests := item.filter(IS_REQUEST).drop(IS_REQUEST)).height:
            yield requests


def _batch(file: InputFile, frame: pl.DataFrame) -> Batch:
    """Requests, with what is the same for every one of them."""
    frame = frame.with_columns(
        pl.col("request_model").alias("response_model"),
        pl.lit(file.options.get("provider_name"), pl.String()).alias("provider_name"),
        pl.lit("langfuse").alias("gateway_name"),
    )
    return plain_batch(NAME, file.instance, frame)


SOURCE: Final = Source(
    name=NAME,
    role="client_log",
    tables=("usage_events",),
    version=1,
    description="Langfuse observations: API answers, exports as JSON, JSONL or CSV",
    docs="https://langfuse.com/docs/api-and-data-platform/features/export-to-blob-storage",
    record_lines=True,
    read=read,
)
