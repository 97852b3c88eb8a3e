"""Langfuse observations: answers of its API, and its exports as JSON, JSONL or CSV."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import polars as pl

from ingest.formats.langfuse_columns import TYPES, columns
from ingest.formats.langfuse_plain import decoder, values
from ingest.formats.langfuse_record import translate
from ingest.formats.plain_events import GATEWAY, IS_REQUEST, event_row, plain_events
from ingest.formats.plain_records import PlainForm
from ingest.formats.record_fields import csv_records, is_json
from ingest.formats.usage_rows import Text, usage_events
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "langfuse"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate generations and embeddings; other observations are no requests.

    Options: `provider_name`, since Langfuse reports none; `team_tag`, the key of the metadata
    that holds the team.
    """
    if is_json(file):
        return plain_events(file, NAME, plain_form(file.options), _same(file.options))
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
    return event_row(number, (event or {}) | {IS_REQUEST: event is not None}, TYPES)


def _same(options: Mapping[str, str]) -> Mapping[str, pl.Expr]:
    return GATEWAY | {
        "response_model": pl.col("request_model"),
        "provider_name": pl.lit(options.get("provider_name"), pl.String()),
        "gateway_name": pl.lit(NAME),
    }


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
