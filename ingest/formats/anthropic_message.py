"""One answer of Anthropic's Messages interface, in canonical columns.

An answer says neither when it was given nor who asked. Its time is taken from beside it: from
`timestamp` in the same object or in an envelope `{"timestamp": ..., "message": {...}}`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
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
from ingest.formats.count_columns import detail_columns, part_columns
from ingest.formats.provider_frames import usage_columns
from ingest.quality_flags import flag_texts
from ingest.records import FieldError
from ingest.times import from_epoch, parse_utc
from ingest.tokens import flatten_tokens

NO_TIME: Final = (
    'no time: wrap answers as {"timestamp": ..., "message": ...}, or write the day into the '
    "file's name, as in 2026-11-20.jsonl"
)


# Columns of their own until the flags are joined.
OWN_FLAGS: Final = ("no_timestamp", "partial_stream", "unknown_token_field")
FLAGS: Final = flag_texts(
    {
        "no_timestamp": pl.col("no_timestamp"),
        "partial_stream": pl.col("partial_stream"),
        "no_model": pl.col("response_model").is_null(),
        "unknown_token_field": pl.col("unknown_token_field"),
    }
)
STREAM_START: Final = "message_start"  # its counts are not the last
STREAM_END: Final = "message_delta"
# Events of a stream that count nothing.
STREAM_REST: Final = (
    "ping",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_stop",
)
LOST_END: Final = (
    "a stream's last counts without its id: keep the final message, as the SDKs give it"
)
SAME: Final = {"grain": pl.lit("request"), "operation_name": pl.lit("chat")}


class Fault(msgspec.Struct, gc=False):
    """The class of an error; its message may hold a prompt and is not read."""

    type: str | None = None


class _Timed(msgspec.Struct, gc=False):
    timestamp: str | int | float | None = None
    created_at: str | int | float | None = None


class Message(_Timed, gc=False):
    """An answer, or the error that came instead."""

    id: str | None = None
    request_id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    error: Fault | None = None
    usage: dict[str, Any] | None = None


class _Failure(msgspec.Struct, gc=False):
    error: Fault | None = None


class _BatchResult(msgspec.Struct, gc=False):
    type: str | None = None
    message: Message | None = None
    error: _Failure | None = None


class Envelope(Message, gc=False):
    """An answer as it is, in an envelope, or as a line of a batch's results."""

    type: str | None = None
    message: msgspec.Raw = msgspec.Raw()
    custom_id: str | None = None
    result: _BatchResult | None = None


ENVELOPE: Final = msgspec.json.Decoder(Envelope)
MESSAGE: Final = msgspec.json.Decoder(Message)


class Answer(msgspec.Struct, gc=False):
    """Usage that is told of one message; answer_frame tells the rest."""

    line_number: int
    natural_key: str
    started_at: datetime
    is_undated: bool
    is_partial: bool
    message: Message
    model: str | None
    usage: dict[str, Any]
    counts: dict[str, int]
    request_count: int


def answers_of(
    number: int, text: bytes | msgspec.Raw, zone: str | None, day: datetime | None
) -> list[Answer]:
    """The usage of a message: its own, and that of iterations outside its totals.

    A request of a batch that failed has no message and no usage; it is told by its custom_id,
    hashed, since it is the caller's and may be private. Events of a stream that count nothing have
    no answer.

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
    key = message.id or message.request_id or _failed_key(outer, day)
    if not key and outer.type in STREAM_REST:
        return []
    if not key and outer.type == STREAM_END:
        raise FieldError("id", LOST_END, "stream_event")
    if not key:
        raise FieldError("id", "an answer without id", "missing_value")
    own_time = _moment(message, zone) or _moment(outer, zone)
    moment = own_time or day
    if moment is None:
        raise FieldError("timestamp", NO_TIME, "no_timestamp")
    usage = message.usage or {}
    whole = Answer(
        line_number=number,
        natural_key=key,
        started_at=moment,
        is_undated=own_time is None,
        is_partial=outer.type == STREAM_START,
        message=message,
        model=message.model,
        usage=usage,
        counts=flatten_tokens(usage),
        request_count=1,
    )
    iterations = usage.get("iterations")
    if type(iterations) is not list:
        return [whole]
    return [whole, *_outside_totals(whole, iterations)]


def _outside_totals(whole: Answer, iterations: Sequence[object]) -> Iterator[Answer]:
    for place, part in enumerate(iterations):
        if type(part) is dict and part.get("type") in OUTSIDE_TOTALS:
            # The request is the message's; here are only tokens that its totals leave out.
            yield msgspec.structs.replace(
                whole,
                natural_key=f"{whole.natural_key} {part['type']} {place}",
                model=_text(part.get("model")) or whole.model,
                usage={name: whole.usage.get(name) for name in PRICE_FIELDS} | part,
                counts=flatten_tokens(part),
                request_count=0,
            )


def answer_frame(answers: Sequence[Answer]) -> pl.DataFrame:
    """The columns that provider_frames.usage_batch takes."""
    messages = [one.message for one in answers]
    usages = [one.usage for one in answers]
    counts = [one.counts for one in answers]
    tiers = [_text(usage.get("service_tier")) for usage in usages]
    columns: dict[str, list[Any]] = {
        "line_number": [one.line_number for one in answers],
        "natural_key": [one.natural_key for one in answers],
        "started_at": [one.started_at for one in answers],
        "request_id": [message.id or message.request_id for message in messages],
        "provider_name": [_provider(message) for message in messages],
        "response_model": [one.model or None for one in answers],
        "region_name": [region(_text(usage.get("inference_geo"))) for usage in usages],
        "service_tier": [
            tier(name, _text(usage.get("speed"))) for name, usage in zip(tiers, usages, strict=True)
        ],
        "is_batch": [None if name is None else name == "batch" for name in tiers],
        "request_count": [one.request_count for one in answers],
        "status": [_status(message) for message in messages],
        "error_type": [message.error.type if message.error else None for message in messages],
        "finish_reason": [message.stop_reason or None for message in messages],
        "no_timestamp": [one.is_undated for one in answers],
        "partial_stream": [one.is_partial for one in answers],
    }
    frame = pl.DataFrame(
        [
            *usage_columns(columns),
            *part_columns(counts, COUNTS),
            *detail_columns(counts, KNOWN_FIELDS),
        ]
    )
    return with_totals(frame).with_columns(FLAGS, **SAME).drop(OWN_FLAGS)


def _failed_key(outer: Envelope, day: datetime | None) -> str | None:
    if outer.result is None or not outer.result.type or not outer.custom_id:
        return None
    # the batches of other days number their requests alike
    told = f"{day}\x1f{outer.custom_id}"
    return f"custom_id {sha256(told.encode()).hexdigest()}"


def _message(outer: Envelope) -> Message:
    result = outer.result
    if result is not None:
        if result.message is not None or not result.type:
            return result.message or Message()
        told = result.error.error if result.error else None
        return Message(error=Fault(type=(told and told.type) or result.type))
    if bytes(outer.message).lstrip().startswith(b"{"):
        return MESSAGE.decode(outer.message)
    return outer


def _moment(timed: _Timed, zone: str | None) -> datetime | None:
    moment = timed.timestamp if timed.timestamp is not None else timed.created_at
    if isinstance(moment, str):
        return parse_utc(moment, zone, source="anthropic_messages") if moment else None
    return None if moment is None else from_epoch(moment, "s")


def _provider(message: Message) -> str:
    return PROVIDERS.get((message.id or "")[:9], "anthropic")


def _status(message: Message) -> str:
    return "failure" if message.error else "success" if message.stop_reason else "unknown"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
