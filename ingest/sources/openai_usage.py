"""OpenAI organization usage: pages of buckets of completions, embeddings and moderations."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.openai_buckets import DIMENSIONS, usage_rows
from ingest.formats.provider_buckets import bucket_results
from ingest.formats.provider_frames import usage_batch, usage_frame
from ingest.formats.record_rows import batches, translated
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "openai_usage"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate pages of usage buckets: one document, several in a row, or one a line."""
    rows = translated(bucket_results(file, DIMENSIONS), usage_rows)
    return batches(rows, usage_frame, partial(usage_batch, NAME, file.instance))


SOURCE: Final = Source(
    name=NAME,
    role="provider_usage",
    tables=("usage_events",),
    version=1,
    description="OpenAI organization usage: completions, embeddings and moderations in buckets",
    docs="https://platform.openai.com/docs/api-reference/usage",
    read=read,
)
