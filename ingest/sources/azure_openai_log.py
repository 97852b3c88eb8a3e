"""Azure OpenAI's diagnostic log: latency and status of requests. It counts no tokens at all."""

from collections.abc import Iterator
from typing import Final

from ingest.formats.azure_request import translate
from ingest.formats.json_values import records
from ingest.formats.usage_rows import usage_events
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "azure_openai_log"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate lines of RequestResponse, from a storage account or an event hub's `records`.

    Every token class stays NULL: the volume of Azure OpenAI comes from azure_metrics.
    """
    yield from usage_events(file, NAME, records(file, "records"), translate)


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events",),
    version=1,
    description="Azure OpenAI diagnostic log (RequestResponse): latency and status, no tokens",
    docs="https://learn.microsoft.com/azure/ai-services/openai/how-to/monitor-openai",
    read=read,
    record_lines=True,
)
