"""Ollama's answers: bodies of /api/chat and /api/generate, streamed or whole."""

from collections.abc import Iterator
from typing import Final

from ingest.formats.json_values import json_values
from ingest.formats.ollama_body import translate
from ingest.formats.usage_rows import usage_events
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "ollama"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate bodies, one a line or laid out; a stream's lines before its last are passed by."""
    yield from usage_events(file, NAME, json_values(file), translate)


SOURCE: Final = Source(
    name=NAME,
    role="client_log",
    tables=("usage_events",),
    version=1,
    description="Ollama: bodies of /api/chat and /api/generate",
    docs="https://docs.ollama.com/api/usage",
    read=read,
    record_lines=True,
)
