"""Langfuse observations: answers of its API, and its exports as JSON, JSONL or CSV."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.json_values import records
from ingest.formats.langfuse_record import translate
from ingest.formats.record_fields import csv_records
from ingest.formats.usage_rows import usage_events
from ingest.readers import lines
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "langfuse"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate generations and embeddings; other observations are no requests.

    Options: `provider_name`, since Langfuse reports none; `team_tag`, the key of the metadata
    that holds the team.
    """
    first = next(lines(file), None)
    is_json = isinstance(first, tuple) and first[1].lstrip()[:1] in (b"{", b"[")
    rows = records(file, "data") if is_json else csv_records(file)
    yield from usage_events(file, NAME, rows, partial(translate, options=file.options))


SOURCE: Final = Source(
    name=NAME,
    role="client_log",
    tables=("usage_events",),
    version=1,
    description="Langfuse observations: API answers, exports as JSON, JSONL or CSV",
    docs="https://langfuse.com/docs/api-and-data-platform/features/export-to-blob-storage",
    read=read,
)
