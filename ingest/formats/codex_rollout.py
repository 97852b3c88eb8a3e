"""What must be known of a whole Codex rollout before its usage can be read line by line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from ingest.formats.event_batches import project_of
from ingest.formats.provider_names import provider_of
from ingest.readers import lines
from ingest.records import RECORD_ERRORS
from ingest.source import InputFile, Reject

# Lines without these words are content and are not decoded here.
MARK: Final = re.compile(rb'"(session_meta|token_usage_record)"')
THREAD_IN_NAME: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=\.jsonl)")


class Line(msgspec.Struct):
    """A line of any type; its payload is decoded by type."""

    type: Any = None
    timestamp: Any = None
    payload: msgspec.Raw = msgspec.Raw(b"null")


class _Meta(msgspec.Struct):
    id: str
    session_id: str | None = None
    forked_from_id: str | None = None
    parent_thread_id: str | None = None
    cwd: str | None = None
    model_provider: str | None = None
    source: Any = None


class _Record(msgspec.Struct):
    thread_token_usage: dict[str, Any] | None = None


LINE: Final = msgspec.json.Decoder(Line)
_META: Final = msgspec.json.Decoder(_Meta)
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
        recorded: Cumulative vectors that token_usage_record lines hold.
        first_record: The line of the first of them, None in files of older versions.
    """

    root_id: str | None
    session_id: str | None
    is_branch: bool
    project_id: str | None
    provider_name: str | None
    recorded: frozenset[str]
    first_record: int | None


def survey(file: InputFile) -> Rollout:
    """Read a rollout's own head and its ancestors', and what its newer records cover.

    A forked rollout opens with its own session_meta and then copies its parent's history, the
    parent's session_meta included; so the chain of forks is told within one file. Lines that
    cannot be read are passed over: the second reading rejects them.
    """
    metas: list[_Meta] = []
    recorded: set[str] = set()
    first_record = None
    for item in lines(file):
        if isinstance(item, Reject) or not MARK.search(item[1]):
            continue
        try:
            line = LINE.decode(item[1])
            if line.type == "session_meta":
                metas.append(_META.decode(line.payload))
            elif line.type == "token_usage_record":
                first_record = first_record or item[0]
                record = _RECORD.decode(line.payload)
                if record is not None and record.thread_token_usage:
                    recorded.add(vector(record.thread_token_usage))
        except RECORD_ERRORS:
            continue
    named = THREAD_IN_NAME.search(file.path.name)
    own = metas[0] if metas else None
    root = _root(metas) if own else (named.group() if named else None)
    provider = (own and own.model_provider) or None
    return Rollout(
        root_id=root,
        session_id=(own.session_id or own.id) if own else root,
        is_branch=own is not None and (root != own.id or _parent(own) is not None),
        project_id=project_of(own.cwd) if own else None,
        provider_name=provider_of(provider),
        recorded=frozenset(recorded),
        first_record=first_record,
    )


def vector(usage: Mapping[str, object]) -> str:
    """Cumulative counts as text; zeros are left out, since newer versions add fields."""
    counts = sorted((name, count) for name, count in usage.items() if type(count) is int and count)
    return ",".join(f"{name}={count}" for name, count in counts)


def _parent(meta: _Meta) -> str | None:
    if meta.forked_from_id or meta.parent_thread_id:
        return meta.forked_from_id or meta.parent_thread_id
    found = meta.source
    for key in ("subagent", "thread_spawn", "parent_thread_id"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) and found else None


def _root(metas: Iterable[_Meta]) -> str:
    parents: dict[str, str | None] = {}
    last: str | None = None
    for meta in metas:
        if meta.id in parents:
            continue
        parents[meta.id] = _parent(meta)
        # Older versions copy the parent's head without naming the parent.
        if last is not None and parents[last] is None:
            parents[last] = meta.id
        last = meta.id
    root, seen = next(iter(parents)), set[str]()
    while (parent := parents.get(root)) is not None and root not in seen:
        seen.add(root)
        root = parent
    return root
