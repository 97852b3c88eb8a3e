"""One line of a Claude Code transcript: the usage in it, in canonical columns.

The rest is prompts, code and paths and is never decoded, but for a hash of the working directory.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingest.formats.event_batches import project_of, token_counts
from ingest.formats.record_rows import Row
from ingest.quality_flags import joined_flags
from ingest.records import FieldError, exact_money
from ingest.times import parse_utc
from ingest.tokens import has_unknown_tokens, reported_details

SYNTHETIC: Final = "<synthetic>"  # written by the client itself, no model was asked
# Where the client was pointed at a cloud, the cloud marks the message's id.
PROVIDERS: Final = {"msg_bdrk_": "aws.bedrock", "msg_vrtx_": "gcp.vertex_ai"}
# Not inside the totals of their message; the other kinds of iteration are.
OUTSIDE_TOTALS: Final = ("advisor_message", "compaction")
PRICE_FIELDS: Final = ("service_tier", "speed", "inference_geo")
FIVE_MINUTES: Final = "cache_creation.ephemeral_5m_input_tokens"
ONE_HOUR: Final = "cache_creation.ephemeral_1h_input_tokens"
WRITTEN: Final = "cache_creation_input_tokens"
READ: Final = "cache_read_input_tokens"
THINKING: Final = "output_tokens_details.thinking_tokens"
KNOWN_FIELDS: Final = frozenset(
    ("input_tokens", "output_tokens", FIVE_MINUTES, ONE_HOUR, WRITTEN, READ, THINKING)
)


class _Kind(msgspec.Struct):
    type: Any = None


class _Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: dict[str, Any] | None = None


class _Line(msgspec.Struct):
    """The fields that are read of an assistant's line, or of what a progress line wraps."""

    timestamp: str | None = None
    sessionId: str | None = None  # noqa: N815 - the producer's names
    requestId: str | None = None  # noqa: N815
    uuid: str | None = None
    isSidechain: bool | None = None  # noqa: N815
    isApiErrorMessage: bool | None = None  # noqa: N815
    cwd: str | None = None
    costUSD: Decimal | None = None  # noqa: N815
    message: _Message | None = None


class _ProgressData(msgspec.Struct):
    message: msgspec.Raw = msgspec.Raw()
    agentId: Any = None  # noqa: N815


class _Progress(msgspec.Struct):
    data: _ProgressData | None = None
    timestamp: str | None = None
    sessionId: str | None = None  # noqa: N815
    isSidechain: bool | None = None  # noqa: N815
    cwd: str | None = None


_KIND: Final = msgspec.json.Decoder(_Kind)
_LINE: Final = msgspec.json.Decoder(_Line)
_PROGRESS: Final = msgspec.json.Decoder(_Progress)


def translate(number: int, text: bytes) -> list[Row]:
    """The events of a line; none for a line without usage.

    Raises:
        FieldError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TimestampError: The
            line is broken or holds what cannot be.
    """
    kind = _KIND.decode(text).type
    if kind == "assistant":
        line = _LINE.decode(text)
    elif kind == "progress":
        line = _unwrapped(text)
    else:
        return []
    message = line.message
    if message is None or message.usage is None or message.model == SYNTHETIC:
        return []
    key = _natural_key(message.id, line.requestId, line.uuid)
    rows = [_row(number, line, message, message.usage, key)]
    iterations = message.usage.get("iterations")
    uncosted = msgspec.structs.replace(line, costUSD=None)
    shared = {name: message.usage.get(name) for name in PRICE_FIELDS}
    for place, part in enumerate(iterations if type(iterations) is list else ()):
        if type(part) is dict and part.get("type") in OUTSIDE_TOTALS:
            own_key = f"{key} {part['type']} {place}"
            own = msgspec.structs.replace(message, model=_text(part.get("model")) or message.model)
            rows.append(_row(number, uncosted, own, {**shared, **part}, own_key))
    return rows


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


def _row(number: int, line: _Line, message: _Message, usage: dict[str, Any], key: str) -> Row:
    if not line.timestamp:
        raise FieldError("timestamp", "missing", "missing_value")
    counts = token_counts(usage, KNOWN_FIELDS)
    status = "success" if message.stop_reason else "unknown"
    cost = None if line.costUSD is None else exact_money(line.costUSD, "costUSD")
    region = _text(usage.get("inference_geo"))
    return {
        "line_number": number,
        "natural_key": key,
        "started_at": parse_utc(line.timestamp, None, source="claude_code"),
        "request_id": message.id,
        "session_id": line.sessionId,
        "is_sidechain": line.isSidechain,
        "provider_name": PROVIDERS.get((message.id or "")[:9], "anthropic"),
        "response_model": message.model or None,
        "operation_name": "chat",
        "region_name": None if region == "not_available" else region,
        "service_tier": _tier(usage),
        "project_id": project_of(line.cwd),
        "request_count": 1,
        "status": "failure" if line.isApiErrorMessage else status,
        "finish_reason": message.stop_reason,
        "reported_cost_usd": cost,
        "reported_cost_kind": None if cost is None else "client_estimate",
        "sampling_ratio": 1.0,
        "flags": joined_flags(
            unknown_token_field=has_unknown_tokens(counts, KNOWN_FIELDS),
            partial_stream=not message.stop_reason,
        ),
        **_token_columns(counts),
    }


def _token_columns(counts: Mapping[str, int]) -> Row:
    uncached, read = counts.get("input_tokens"), counts.get(READ)
    lifetimes = [counts[path] for path in (FIVE_MINUTES, ONE_HOUR) if path in counts]
    # The lifetimes are parts of the whole where both are reported, and not always all of it.
    written = max(counts.get(WRITTEN, 0), sum(lifetimes))
    is_written = WRITTEN in counts or bool(lifetimes)
    parts = [part for part in (uncached, read, written if is_written else None) if part is not None]
    return {
        "reported_input_tokens": uncached,
        "reported_output_tokens": counts.get("output_tokens"),
        "reported_total_tokens": None,
        "reported_details": reported_details(counts),
        "reported_input_semantics": "excludes_cache",
        "input_total": sum(parts) if parts else None,
        "input_cache_read": read,
        "input_cache_write": written if is_written else None,
        "input_cache_write_5m": counts.get(FIVE_MINUTES),
        "input_cache_write_1h": counts.get(ONE_HOUR),
        "output_total": counts.get("output_tokens"),
        "output_reasoning": counts.get(THINKING),
    }


def _tier(usage: Mapping[str, object]) -> str | None:
    """The tier that decides the price: fast answers have a price of their own."""
    return "fast" if usage.get("speed") == "fast" else _text(usage.get("service_tier"))


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
