"""What must be known of a whole Codex rollout before its usage can be read line by line."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ingest.formats.codex_thread import Meta, began_in, parent_of, root_of, writes_records
from ingest.formats.event_batches import project_of
from ingest.formats.provider_names import provider_of
from ingest.readers import lines
from ingest.records import RECORD_ERRORS
from ingest.source import InputFile, Reject

# Lines without these words are content and are not decoded here.
MARK: Final = re.compile(rb'"(session_meta|token_usage_record|task_started)"')
THREAD_IN_NAME: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\.jsonl)")


class Line(msgspec.Struct):
    """A line of any type; its payload is decoded by type."""

    type: Any = None
    timestamp: Any = None
    payload: msgspec.Raw = msgspec.Raw(b"null")


class _Task(msgspec.Struct):
    type: Any = None
    started_at: Any = None


class _Record(msgspec.Struct):
    thread_token_usage: dict[str, Any] | None = None


LINE: Final = msgspec.json.Decoder(Line)
_META: Final = msgspec.json.Decoder(Meta)
_TASK: Final = msgspec.json.Decoder(_Task)
_RECORD: Final = msgspec.json.Decoder(_Record | None)


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """The thread that a file holds.

    Attributes:
        root_id: The thread at the root of the fork chain; None if nothing tells.
        session_id: The user's session.
        is_branch: Whether it began as another thread's copy, or as a sub-agent.
        project_id: Of its working directory.
        provider_name: As OpenTelemetry names it.
        recorded: Places in the thread that token_usage_record lines hold, see `place`.
        first_record: The line of the first of them, None in files of older versions.
        own_counts_from: The line from which token_counts tell of this thread's responses alone;
            None: none does for sure. In files of older versions it is the first: copies have
            the keys of their originals there.
    """

    root_id: str | None
    session_id: str | None
    is_branch: bool
    project_id: str | None
    provider_name: str | None
    recorded: frozenset[str]
    first_record: int | None
    own_counts_from: int | None


@dataclass(kw_only=True)
class _Marks:
    """What the marked lines of a file tell, in their order."""

    metas: list[Meta] = field(default_factory=list)
    recorded: set[str] = field(default_factory=set)
    first_record: int | None = None
    first_own_turn: int | None = None

    def take(self, number: int, text: bytes) -> None:
        line = LINE.decode(text)
        if line.type == "session_meta":
            self.metas.append(_META.decode(line.payload))
        elif line.type == "token_usage_record":
            self.first_record = self.first_record or number
            record = _RECORD.decode(line.payload)
            if record is not None and record.thread_token_usage:
                self.recorded.add(place(record.thread_token_usage))
        elif line.type == "event_msg" and self.metas and self.first_own_turn is None:
            task = _TASK.decode(line.payload)
            if task.type == "task_started" and began_in(self.metas[0], task.started_at):
                self.first_own_turn = number


def survey(file: InputFile) -> Rollout:
    """Read a rollout's own head and its ancestors', and what its newer records cover.

    A forked rollout opens with its own session_meta and then copies its parent's history, the
    parent's session_meta included; so the chain of forks is told within one file. Lines that
    cannot be read are passed over: the second reading rejects them.
    """
    marks = _Marks()
    for item in lines(file):
        if isinstance(item, Reject) or not MARK.search(item[1]):
            continue
        with suppress(*RECORD_ERRORS):
            marks.take(*item)
    named = THREAD_IN_NAME.search(file.path.name)
    own = marks.metas[0] if marks.metas else None
    root = root_of(marks.metas) if own else (named.group() if named else None)
    provider = (own and own.model_provider) or None
    is_branch = own is not None and (root != own.id or parent_of(own) is not None)
    return Rollout(
        root_id=root,
        session_id=(own.session_id or own.id) if own else root,
        is_branch=is_branch,
        project_id=project_of(own.cwd) if own else None,
        provider_name=provider_of(provider),
        recorded=frozenset(marks.recorded),
        first_record=marks.first_record,
        own_counts_from=_own_counts_from(marks) if is_branch else 1,
    )


def _own_counts_from(marks: _Marks) -> int | None:
    """Of a branch, see Rollout.

    Where the client writes records, copied history may have lost them, but not the token_counts
    beside them: those are told in the parent's file, under keys that no copy has.
    """
    if marks.first_record is None and not writes_records(marks.metas[0]):
        return 1
    return marks.first_own_turn


def place(usage: Mapping[str, object]) -> str:
    """Where in its thread a response stands: cumulative counts of fields that all versions have."""
    return vector({name: usage[name] for name in usage if name != "cache_write_input_tokens"})


def vector(usage: Mapping[str, object]) -> str:
    """Cumulative counts as text; zeros are left out, since newer versions add fields."""
    counts = sorted((name, count) for name, count in usage.items() if type(count) is int and count)
    return ",".join(f"{name}={count}" for name, count in counts)
