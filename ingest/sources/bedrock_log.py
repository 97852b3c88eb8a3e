"""AWS Bedrock model invocation logs, as they lie in S3 or were exported from CloudWatch."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.bedrock_record import translate
from ingest.formats.json_values import json_values
from ingest.formats.usage_rows import usage_events
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "bedrock_log"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of invocation records.

    The option `team_tag` names the key of requestMetadata that holds the team.
    """
    values = partial(translate, team_tag=file.options.get("team_tag"))
    yield from usage_events(file, NAME, json_values(file), values)


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events",),
    version=1,
    description="AWS Bedrock model invocation logs: NDJSON from S3 or CloudWatch",
    docs="https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html",
    read=read,
    record_lines=True,
)
