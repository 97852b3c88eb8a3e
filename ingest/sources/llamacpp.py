"""llama.cpp's server: bodies of /v1/chat/completions with its timings."""

from collections.abc import Iterator
from typing import Final

from ingest.formats.json_values import json_values
from ingest.formats.llamacpp_body import translate
from ingest.formats.usage_rows import usage_events
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "llamacpp"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate bodies, one a line or laid out over many."""
    yield from usage_events(file, NAME, json_values(file), translate)


SOURCE: Final = Source(
    name=NAME,
    role="client_log",
    tables=("usage_events",),
    version=1,
    description="llama.cpp server: chat completion bodies",
    docs="https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md",
    read=read,
    record_lines=True,
)
