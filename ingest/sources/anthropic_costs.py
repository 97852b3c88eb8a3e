"""Anthropic cost report: what Anthropic itself charges, by day; amounts are in cents."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.anthropic_buckets import COST_DIMENSIONS, cost_rows
from ingest.formats.provider_buckets import bucket_results
from ingest.formats.provider_frames import cost_batch, cost_frame
from ingest.formats.record_rows import batches, translated
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "anthropic_costs"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate pages of cost buckets: one document, several in a row, or one a line."""
    rows = translated(bucket_results(file, COST_DIMENSIONS), cost_rows)
    return batches(rows, cost_frame, partial(cost_batch, NAME, file.instance))


SOURCE: Final = Source(
    name=NAME,
    role="bill",
    tables=("provider_costs",),
    version=1,
    description="Anthropic cost report: the provider's own money by day, workspace and description",
    docs="https://platform.claude.com/docs/en/manage-claude/usage-cost-api",
    read=read,
)
