"""Azure OpenAI's token metrics, as Azure Monitor's metrics API answers them."""

from collections.abc import Iterator
from typing import Final

from ingest.formats.azure_metric import buckets
from ingest.formats.json_values import records
from ingest.formats.usage_rows import event_batch, event_frame
from ingest.records import BATCH_ROWS, RECORD_ERRORS, reject_record
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "azure_metrics"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate answers, one a line or laid out.

    Prompt and generated tokens must be asked for in one query: a row then holds both.

    Args:
        file: Answers for PT1M, PT1H or P1D, split by deployment.

    Yields:
        usage_events of grain bucket_1m, bucket_1h or bucket_1d; rejects by answer.
    """
    for item in records(file):
        if isinstance(item, Reject):
            yield item
            continue
        number, text = item
        try:
            events = [event | {"line_number": number} for event in buckets(text)]
        except RECORD_ERRORS as error:
            yield reject_record(error, number)
            continue
        for start in range(0, len(events), BATCH_ROWS):
            frame = event_frame(events[start : start + BATCH_ROWS])
            yield event_batch(NAME, file.instance, frame)


SOURCE: Final = Source(
    name=NAME,
    role="provider_usage",
    tables=("usage_events",),
    version=2,
    description="Azure OpenAI token metrics: answers of Azure Monitor's metrics API",
    docs="https://learn.microsoft.com/azure/ai-services/openai/monitor-openai-reference",
    read=read,
)
