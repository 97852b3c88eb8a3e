"""OpenAI organization costs: what OpenAI itself charges, by day and line item."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.openai_cost_line import DIMENSIONS, cost_rows
from ingest.formats.provider_buckets import bucket_results
from ingest.formats.provider_frames import cost_batch, cost_frame
from ingest.formats.record_rows import batches, translated
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "openai_costs"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate pages of cost buckets: one document, several in a row, or one a line."""
    rows = translated(bucket_results(file, DIMENSIONS), cost_rows)
    return batches(rows, cost_frame, partial(cost_batch, NAME, file.instance))


SOURCE: Final = Source(
    name=NAME,
    role="bill",
    tables=("provider_costs",),
    version=1,
    description="OpenAI organization costs: the provider's own money by day and line item",
    docs="https://platform.openai.com/docs/api-reference/usage/costs",
    read=read,
)
