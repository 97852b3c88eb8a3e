"""One line of a Claude Code transcript: the usage in it, in canonical columns.

The rest is prompts, code and paths and is never decoded, but for a hash of the working directory.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec
import polars as pl

from ingest.formats.anthropic_usage import (
    COUNTS,
    KNOWN_FIELDS,
    OUTSIDE_TOTALS,
    PRICE_FIELDS,
    PROVIDERS,
    region,
    tier,
    with_totals,
)
from ingest.formats.event_batches import event_frame, project_of, token_counts
from ingest.formats.value_columns import each
from ingest.records import FieldError, exact_money
from ingest.times import parse_utc

SYNTHETIC: Final = "<synthetic>"  # written by the client itself, no model was asked
FLAGS: Final = ("unknown_token_field", "partial_stream")
# Nearly all lines of an assistant have this; where it is something else's, it does no harm.
ASSISTANT: Final = b'"type":"assistant"'


class _Kind(msgspec.Struct, gc=False):
    type: Any = None


class _Message(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: dict[str, Any] | None = None


class _Line(msgspec.Struct, gc=False):
    """The fields that are read of an assistant's line, or of what a progress line wraps."""

    type: Any = None
    timestamp: str | None = None
    sessionId: str | None = None  # noqa: N815 - the producer's names
    requestId: str | None = None  # noqa: N815
    uuid: str | None = None
    isSidechain: bool | None = None  # noqa: N815
    isApiErrorMessage: bool | None = None  # noqa: N815
    cwd: str | None = None
    costUSD: Decimal | None = None  # noqa: N815
    message: _Message | None = None


class _ProgressData(msgspec.Struct, gc=False):
    message: msgspec.Raw = msgspec.Raw()
    agentId: Any = None  # noqa: N815


class _Progress(msgspec.Struct, gc=False):
    data: _ProgressData | None = None
    timestamp: str | None = None
    sessionId: str | None = None  # noqa: N815
    isSidechain: bool | None = None  # noqa: N815
    cwd: str | None = None


_KIND: Final = msgspec.json.Decoder(_Kind)
_LINE: Final = msgspec.json.Decoder(_Line)
_PROGRESS: Final = msgspec.json.Decoder(_Progress)


class Event(msgspec.Struct, gc=False):
    """Usage that is told of one message; event_columns tells the rest."""

    line_number: int
    natural_key: str
    started_at: datetime
    line: _Line
    message: _Message
    model: str | None
    usage: dict[str, Any]
    counts: dict[str, int]
    cost: Decimal | None


def translate(number: int, text: bytes, zone: str | None) -> Sequence[Event]:
    """The events of a line; none for a line without usage.

    Args:
        number: Of the line.
        text: The line.
        zone: The stated zone of times without an offset, which the client itself never writes.

    Raises:
        FieldError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TimestampError: The
            line is broken or holds what cannot be.
    """
    line = _line(text)
    message = line.message if line else None
    if line is None or message is None or message.usage is None or message.model == SYNTHETIC:
        return ()
    whole = _event(number, line, message, message.usage, zone)
    iterations = message.usage.get("iterations")
    if type(iterations) is not list:
        return (whole,)
    return (whole, *_outside_totals(whole, iterations))


def _line(text: bytes) -> _Line | None:
    """What holds a message; None for a line of another kind."""
    if ASSISTANT in text:
        try:
            line = _LINE.decode(text)
        except msgspec.MsgspecError:  # of another kind it is no fault
            pass
        else:
            if line.type == "assistant":
                return line
    kind = _KIND.decode(text).type
    if kind == "assistant":
        return _LINE.decode(text)
    return _unwrapped(text) if kind == "progress" else None


def _outside_totals(whole: Event, iterations: Sequence[object]) -> Iterator[Event]:
    shared = {name: whole.usage.get(name) for name in PRICE_FIELDS}
    for place, part in enumerate(iterations):
        if type(part) is dict and part.get("type") in OUTSIDE_TOTALS:
            usage = {**shared, **part}
            yield msgspec.structs.replace(
                whole,
                natural_key=f"{whole.natural_key} {part['type']} {place}",
                model=_text(part.get("model")) or whole.model,
                usage=usage,
                counts=token_counts(usage, KNOWN_FIELDS),
                cost=None,
            )


def _unwrapped(text: bytes) -> _Line:
    """What an older version's progress line wraps: a sub-agent's message on the main chain."""
    outer = _PROGRESS.decode(text)
    data = outer.data or _ProgressData()
    if not bytes(data.message).lstrip().startswith(b"{"):
        return _Line()  # progress of a hook or a command
    line = _LINE.decode(data.message)
    is_branch = outer.isSidechain if data.agentId is None else True
    return msgspec.structs.replace(
        line,
        timestamp=line.timestamp or outer.timestamp,
        sessionId=line.sessionId or outer.sessionId,
        isSidechain=is_branch if line.isSidechain is None else line.isSidechain,
        cwd=line.cwd or outer.cwd,
    )


def _natural_key(message_id: str | None, request_id: str | None, uuid: str | None) -> str:
    """The same for all repeats of a message: while it streams, and in a sub-agent's own file."""
    key = " ".join(part for part in (message_id, request_id) if part) or uuid
    if not key:
        raise FieldError("message.id", "neither message.id nor requestId nor uuid", "missing_value")
    return key


def _event(
    number: int, line: _Line, message: _Message, usage: dict[str, Any], zone: str | None
) -> Event:
    key = _natural_key(message.id, line.requestId, line.uuid)
    if not line.timestamp:
        raise FieldError("timestamp", "missing", "missing_value")
    return Event(
        line_number=number,
        natural_key=key,
        line=line,
        message=message,
        model=message.model,
        usage=usage,
        counts=token_counts(usage, KNOWN_FIELDS),
        cost=None if line.costUSD is None else exact_money(line.costUSD, "costUSD"),
        started_at=parse_utc(line.timestamp, zone, source="claude_code"),
    )


def event_columns(events: Sequence[Event]) -> pl.DataFrame:
    """The columns that event_batches takes."""
    lines = [one.line for one in events]
    messages = [one.message for one in events]
    usages = [one.usage for one in events]
    columns: dict[str, list[Any]] = {
        "line_number": [one.line_number for one in events],
        "natural_key": [one.natural_key for one in events],
        "started_at": [one.started_at for one in events],
        "request_id": [message.id for message in messages],
        "session_id": [line.sessionId for line in lines],
        "is_sidechain": [line.isSidechain for line in lines],
        "provider_name": [_provider(message) for message in messages],
        "response_model": [one.model or None for one in events],
        "region_name": [region(_text(usage.get("inference_geo"))) for usage in usages],
        "service_tier": [_tier(usage) for usage in usages],
        "project_id": each(project_of, [line.cwd for line in lines]),
        "status": [_status(one.line, one.message) for one in events],
        "finish_reason": [message.stop_reason for message in messages],
        "reported_cost_usd": [one.cost for one in events],
        "partial_stream": [not message.stop_reason for message in messages],
    }
    counts = [one.counts for one in events]
    frame = event_frame(columns, counts, COUNTS, KNOWN_FIELDS)
    has_cost = pl.col("reported_cost_usd").is_not_null()
    return with_totals(frame).with_columns(
        pl.lit("chat").alias("operation_name"),
        pl.lit(1.0).alias("sampling_ratio"),
        pl.when(has_cost).then(pl.lit("client_estimate")).alias("reported_cost_kind"),
    )


def _provider(message: _Message) -> str:
    return PROVIDERS.get((message.id or "")[:9], "anthropic")


def _status(line: _Line, message: _Message) -> str:
    if line.isApiErrorMessage:
        return "failure"
    return "success" if message.stop_reason else "unknown"


def _tier(usage: Mapping[str, object]) -> str | None:
    return tier(_text(usage.get("service_tier")), _text(usage.get("speed")))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
