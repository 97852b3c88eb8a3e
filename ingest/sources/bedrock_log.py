"""AWS Bedrock model invocation logs, as they lie in S3 or were exported from CloudWatch."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.bedrock_columns import SAME, TYPES, columns, values
from ingest.formats.bedrock_record import RECORD, translate
from ingest.formats.plain_events import event_row, plain_events
from ingest.formats.plain_records import PlainForm
from ingest.source import Batch, InputFile, Reject, Source

NAME: Final = "bedrock_log"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of invocation records.

    The option `team_tag` names the key of requestMetadata that holds the team.
    """
    yield from plain_events(file, NAME, form_of(file.options.get("team_tag")), SAME)


def form_of(team_tag: str | None) -> PlainForm:
    """How records become columns, given the key of requestMetadata that holds the team."""
    return PlainForm(
        decoder=RECORD,
        values=partial(values, team_tag=team_tag),
        columns=columns,
        translate=lambda number, text: event_row(number, translate(text, team_tag), TYPES),
        types=TYPES,
        has_lists=False,
    )


SOURCE: Final = Source(
    name=NAME,
    role="request_log",
    tables=("usage_events",),
    version=1,
    description="AWS Bedrock model invocation logs: NDJSON from S3, or messages of CloudWatch",
    docs="https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html",
    read=read,
    record_lines=True,
)
