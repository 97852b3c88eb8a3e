"""The head of a Codex thread: whose branch it is, which client made it and when."""

import re
from collections.abc import Iterable
from typing import Any, Final

import msgspec

from ingest.times import TimestampError, from_epoch, parse_utc

VERSION: Final = re.compile(r"([0-9]{1,6})\.([0-9]{1,6})\.")
# The first release whose rollouts are known to hold a token_usage_record for each response.
RECORDS_SINCE: Final = (0, 159)


class Meta(msgspec.Struct):
    """The payload of a session_meta line."""

    id: str
    session_id: str | None = None
    forked_from_id: str | None = None
    parent_thread_id: str | None = None
    cwd: str | None = None
    model_provider: str | None = None
    source: Any = None
    timestamp: Any = None
    cli_version: Any = None


def writes_records(meta: Meta) -> bool:
    """Whether the version that made the thread is known to write token_usage_records."""
    found = VERSION.match(str(meta.cli_version))
    return found is not None and (int(found[1]), int(found[2])) >= RECORDS_SINCE


def began_in(meta: Meta, started_at: object) -> bool:
    """Whether a turn began in this thread, and not in one whose history it copies.

    Args:
        meta: Of the thread.
        started_at: Of the turn, in whole seconds since 1970; a copied line has a new time, but
            its turn keeps the old one.
    """
    if type(started_at) is not int or not isinstance(meta.timestamp, str):
        return False
    try:
        created = parse_utc(meta.timestamp, None)
        return from_epoch(started_at, "s") >= created.replace(microsecond=0)
    except TimestampError:
        return False


def parent_of(meta: Meta) -> str | None:
    """The thread that it was forked from or that spawned it; None if its head names none."""
    if meta.forked_from_id or meta.parent_thread_id:
        return meta.forked_from_id or meta.parent_thread_id
    found = meta.source
    for key in ("subagent", "thread_spawn", "parent_thread_id"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, str) and found else None


def root_of(metas: Iterable[Meta]) -> str:
    """The thread at the root of the fork chain; the first head is the thread's own."""
    parents: dict[str, str | None] = {}
    last: str | None = None
    for meta in metas:
        if meta.id in parents:
            continue
        parents[meta.id] = parent_of(meta)
        # Older versions copy the parent's head without naming the parent.
        if last is not None and parents[last] is None:
            parents[last] = meta.id
        last = meta.id
    root, seen = next(iter(parents)), set[str]()
    while (parent := parents.get(root)) is not None and root not in seen:
        seen.add(root)
        root = parent
    return root
