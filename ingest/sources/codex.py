"""Codex CLI rollouts: one JSON line per event of a thread, of both generations of usage lines."""

from collections.abc import Iterator
from typing import Final

from ingest.formats.codex_rollout import survey
from ingest.formats.codex_usage import FLAGS, UsageReader, event_columns
from ingest.formats.event_batches import EVERYWHERE, usage_batches
from ingest.formats.record_rows import translated
from ingest.readers import lines
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import stated_zone

NAME: Final = "codex"


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one rollout, which is read twice: its head says whose history it repeats.

    Newer versions write a token_usage_record for each response and a token_count beside it; the
    latter is left out wherever the former stands, and in a fork also where only its parent's file
    holds the former. Other repeated events and copied history are landed, with the event_id of
    the original.
    """
    reader = UsageReader(survey(file), stated_zone(file))
    rows = translated(lines(file), reader.translate, "timestamp")
    yield from usage_batches(file, NAME, rows, event_columns, FLAGS, scope=EVERYWHERE)


SOURCE: Final = Source(
    name=NAME,
    role="client_log",
    tables=("usage_events",),
    version=3,
    description="Codex CLI rollouts: ~/.codex/sessions/**/rollout-*.jsonl, also .zst, with forks",
    docs="https://developers.openai.com/codex/",
    read=read,
)
