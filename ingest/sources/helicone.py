"""Helicone requests: rows of request_response_rmt, or an export, as NDJSON, JSON or CSV."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

import polars as pl

from ingest.formats.helicone_columns import TYPES, columns
from ingest.formats.helicone_plain import decoder, values
from ingest.formats.helicone_record import translate
from ingest.formats.plain_events import GATEWAY, event_row, plain_events
from ingest.formats.plain_records import PlainForm
from ingest.formats.record_fields import csv_records, is_json
from ingest.formats.usage_rows import Text, usage_events
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "helicone"
SAME: Final = GATEWAY | {
    "gateway_name": pl.lit(NAME),
    "reported_input_semantics": pl.lit("excludes_cache"),
}


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate requests; the option `team_tag` names the property that holds the team."""
    if is_json(file):
        return plain_events(file, NAME, plain_form(file.options), SAME)
    return usage_events(file, NAME, csv_records(file), partial(translate, options=file.options))


def plain_form(options: Mapping[str, str]) -> PlainForm:
    """How requests in JSON become columns; for the options see `read`."""
    tag = options.get("team_tag")
    requests = decoder(tag)
    return PlainForm(
        decoder=requests,
        values=partial(values, open_decoder=requests, tag=tag),
        columns=columns,
        translate=partial(_translated, options),
        types=TYPES,
        page_key="data",
    )


def _translated(options: Mapping[str, str], number: int, text: Text) -> tuple[object, ...]:
    return event_row(number, translate(text, options), TYPES)


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events",),
    version=2,
    description="Helicone requests: rows of request_response_rmt as NDJSON, JSON or CSV",
    docs="https://docs.helicone.ai/guides/cookbooks/getting-user-requests",
    record_lines=True,
    read=read,
)
