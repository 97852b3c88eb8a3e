"""Claude Code's session transcripts: one JSON line per event, of sessions and of sub-agents."""

from collections.abc import Iterator
from functools import partial
from typing import Final

from ingest.formats.claude_code_line import FLAGS, event_columns, translate
from ingest.formats.event_batches import EVERYWHERE, usage_batches
from ingest.formats.record_rows import translated
from ingest.readers import lines
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import stated_zone

NAME: Final = "claude_code"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one transcript.

    A message is written several times while it streams, copied between a session's file and its
    sub-agents', between projects and machines, and replayed on side chains. All copies are
    landed; copies of one event share its event_id, and copies of one message its request_id.
    """
    rows = translated(lines(file), partial(translate, zone=stated_zone(file)), "timestamp")
    yield from usage_batches(file, NAME, rows, event_columns, FLAGS, scope=EVERYWHERE)


SOURCE: Final = Source(
    name=NAME,
    role="client_log",
    tables=("usage_events",),
    version=4,
    description="Claude Code transcripts: ~/.claude/projects/**/*.jsonl, with sub-agents",
    docs="https://docs.anthropic.com/en/docs/claude-code/settings",
    read=read,
    path_folders=True,
)
