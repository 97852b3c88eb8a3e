"""Anthropic usage report of messages: tokens in buckets of a minute, an hour or a day."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.anthropic_buckets import USAGE_DIMENSIONS, usage_rows
from ingest.formats.provider_buckets import bucket_results
from ingest.formats.provider_frames import usage_batch, usage_frame
from ingest.formats.record_rows import batches, translated
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "anthropic_usage"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate pages of usage buckets: one document, several in a row, or one a line."""
    rows = translated(bucket_results(file, USAGE_DIMENSIONS), usage_rows)
    return batches(rows, usage_frame, partial(usage_batch, NAME, file.instance))


SOURCE: Final = Source(
    name=NAME,
    role="provider_usage",
    tables=("usage_events",),
    version=1,
    description="Anthropic usage report: tokens of messages in buckets",
    docs="https://platform.claude.com/docs/en/manage-claude/usage-cost-api",
    read=read,
)
