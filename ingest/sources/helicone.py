"""Helicone requests: rows of request_response_rmt, or an export, as NDJSON, JSON or CSV."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.helicone_record import translate
from ingest.formats.json_values import records
from ingest.formats.record_fields import csv_records
from ingest.formats.usage_rows import usage_events
from ingest.readers import lines
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "helicone"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate requests; the option `team_tag` names the property that holds the team."""
    first = next(lines(file), None)
    is_json = isinstance(first, tuple) and first[1].lstrip()[:1] in (b"{", b"[")
    rows = records(file, "data") if is_json else csv_records(file)
    yield from usage_events(file, NAME, rows, partial(translate, options=file.options))


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events",),
    version=1,
    description="Helicone requests: rows of request_response_rmt as NDJSON, JSON or CSV",
    docs="https://docs.helicone.ai/guides/cookbooks/getting-user-requests",
    read=read,
)
