"""One answer of Anthropic's Messages interface, in canonical columns.

An answer says neither when it was given nor who asked. Its time is taken from beside it: from
`timestamp` in the same object or in an envelope `{"timestamp": ..., "message": {...}}`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from ingest.formats.anthropic_usage import input_parts, region, tier
from ingest.formats.record_rows import Row
from ingest.quality_flags import joined_flags
from ingest.records import FieldError
from ingest.times import from_epoch, parse_utc
from ingest.tokens import flatten_tokens, has_unknown_tokens, reported_details

# Where a cloud served the request, the cloud marks the message's id.
PROVIDERS: Final = {"msg_bdrk_": "aws.bedrock", "msg_vrtx_": "gcp.vertex_ai"}
# Not inside the totals of their message, and an advisor is another model.
OUTSIDE_TOTALS: Final = ("advisor_message", "compaction")
FIVE_MINUTES: Final = "cache_creation.ephemeral_5m_input_tokens"
ONE_HOUR: Final = "cache_creation.ephemeral_1h_input_tokens"
WRITTEN: Final = "cache_creation_input_tokens"
READ: Final = "cache_read_input_tokens"
THINKING: Final = "output_tokens_details.thinking_tokens"
KNOWN_FIELDS: Final = frozenset(
    ("input_tokens", "output_tokens", FIVE_MINUTES, ONE_HOUR, WRITTEN, READ, THINKING)
)
NO_TIME: Final = (
    'no time: wrap answers as {"timestamp": ..., "message": ...}, or write the day into the '
    "file's name, as in 2026-11-20.jsonl"
)


class _Fault(msgspec.Struct):
    """The class of an error; its message may hold a prompt and is not read."""

    type: str | None = None


class _Timed(msgspec.Struct):
    timestamp: str | int | float | None = None
    created_at: str | int | float | None = None


class Message(_Timed):
    """An answer, or the error that came instead."""

    id: str | None = None
    request_id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    error: _Fault | None = None
    usage: dict[str, Any] | None = None


class _BatchResult(msgspec.Struct):
    message: Message | None = None


class Envelope(Message):
    """An answer as it is, in an envelope, or as a line of a batch's results."""

    type: str | None = None
    message: msgspec.Raw = msgspec.Raw()
    result: _BatchResult | None = None


ENVELOPE: Final = msgspec.json.Decoder(Envelope)
MESSAGE: Final = msgspec.json.Decoder(Message)


def message_rows(
    number: int, text: bytes | msgspec.Raw, zone: str | None, day: datetime | None
) -> list[Row]:
    """The usage events of an answer: its own, and those of iterations outside its totals.

    Args:
        number: Line.
        text: An answer, an envelope or a line of a batch's results.
        zone: Of times without an offset.
        day: Taken where there is no time at all.

    Raises:
        FieldError, msgspec.MsgspecError, RecursionError, TimestampError: It cannot be read.
    """
    outer = ENVELOPE.decode(text)
    message = _message(outer)
    key = message.id or message.request_id
    if not key:
        raise FieldError("id", "an answer without id", "missing_value")
    own_time = _moment(message, zone) or _moment(outer, zone)
    moment = own_time or day
    if moment is None:
        raise FieldError("timestamp", NO_TIME, "no_timestamp")
    flags = {"no_timestamp": own_time is None, "partial_stream": outer.type == "message_start"}
    usage = message.usage or {}
    rows = [_row(number, key, moment, message, usage, flags)]
    iterations = usage.get("iterations")
    for place, part in enumerate(iterations if type(iterations) is list else ()):
        if type(part) is dict and part.get("type") in OUTSIDE_TOTALS:
            model = _text(part.get("model")) or message.model
            own = msgspec.structs.replace(message, model=model)
            own_key = f"{key} {part['type']} {place}"
            # The request is the message's; here are only tokens that its totals leave out.
            rows.append(_row(number, own_key, moment, own, part, flags) | {"request_count": 0})
    return rows


def _message(outer: Envelope) -> Message:
    if outer.result is not None:
        return outer.result.message or Message()
    if bytes(outer.message).lstrip().startswith(b"{"):
        return MESSAGE.decode(outer.message)
    return outer


def _moment(timed: _Timed, zone: str | None) -> datetime | None:
    moment = timed.timestamp if timed.timestamp is not None else timed.created_at
    if isinstance(moment, str):
        return parse_utc(moment, zone, source="anthropic_messages") if moment else None
    return None if moment is None else from_epoch(moment, "s")


def _row(
    number: int,
    key: str,
    moment: datetime,
    message: Message,
    usage: Mapping[str, object],
    flags: Mapping[str, bool],
) -> Row:
    counts = flatten_tokens(usage)
    service_tier = _text(usage.get("service_tier"))
    return {
        "line_number": number,
        "natural_key": key,
        "grain": "request",
        "started_at": moment,
        "request_id": message.id or message.request_id,
        "provider_name": PROVIDERS.get((message.id or "")[:9], "anthropic"),
        "response_model": message.model or None,
        "operation_name": "chat",
        "region_name": region(_text(usage.get("inference_geo"))),
        "service_tier": tier(service_tier, _text(usage.get("speed"))),
        "is_batch": None if service_tier is None else service_tier == "batch",
        "request_count": 1,
        "status": "failure" if message.error else "success" if message.stop_reason else "unknown",
        "error_type": message.error.type if message.error else None,
        "finish_reason": message.stop_reason or None,
        "reported_input_tokens": counts.get("input_tokens"),
        "reported_output_tokens": counts.get("output_tokens"),
        "reported_total_tokens": None,
        "reported_details": reported_details(counts),
        "reported_input_semantics": "excludes_cache",
        "quality_flags": joined_flags(
            **flags,
            no_model=not message.model,
            unknown_token_field=has_unknown_tokens(counts, KNOWN_FIELDS),
        ),
        **input_parts(
            uncached=counts.get("input_tokens"),
            read=counts.get(READ),
            written=counts.get(WRITTEN),
            five_minutes=counts.get(FIVE_MINUTES),
            one_hour=counts.get(ONE_HOUR),
        ),
        "output_total": counts.get("output_tokens"),
        "output_reasoning": counts.get(THINKING),
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
