"""The body of a Bedrock answer, searched for numbers; nothing that it says is kept."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from ingest.formats.record_fields import whole
from ingest.records import RECORD_ERRORS, FieldError
from ingest.tokens import flatten_tokens

# Model names and stop reasons are short words; anything else in a body may be an answer.
WORD: Final = re.compile(r"[\w.:/@-]{1,200}")
CACHE_DETAILS: Final = {"5m": "cacheDetails.5m", "1h": "cacheDetails.1h"}


class Metrics(msgspec.Struct, gc=False):
    """Times in milliseconds, of Converse or of the last event of a stream."""

    latencyMs: float | None = None  # noqa: N815
    invocationLatency: float | None = None  # noqa: N815
    firstByteLatency: float | None = None  # noqa: N815


class Message(msgspec.Struct):
    """The message that a stream begins with."""

    usage: dict[str, Any] | None = None
    model: str | None = None


class Delta(msgspec.Struct, gc=False):
    """How a stream's message ended."""

    stop_reason: str | None = None


class Body(msgspec.Struct):
    """An answer of Converse or of a Claude model, or one event of its stream."""

    usage: dict[str, Any] | None = None
    metrics: Metrics | None = None
    stopReason: str | None = None  # noqa: N815
    stop_reason: str | None = None
    model: str | None = None
    message: Message | None = None
    delta: Delta | None = None
    metadata: "Body | None" = None
    invocation: Metrics | None = msgspec.field(
        default=None, name="amazon-bedrock-invocationMetrics"
    )


class Answer(msgspec.Struct):
    """What the body of an answer tells."""

    usage: dict[str, int] = msgspec.field(default_factory=dict)
    latency_ms: float | None = None
    first_byte_ms: float | None = None
    stop_reason: str | None = None
    model: str | None = None


BODY: Final = msgspec.json.Decoder(Body)
NO_MESSAGE: Final = Message()
NO_DELTA: Final = Delta()
EVENTS: Final = msgspec.json.Decoder(list[msgspec.Raw])


def answer_of(body: msgspec.Raw | None) -> Answer:
    """Numbers of a body; models of other makers answer in shapes that hold none."""
    return Answer() if body is None else merged(_events(body))


def merged(events: Iterable[Body]) -> Answer:
    """What the events of a stream tell, a later one instead of an earlier one."""
    answer = Answer()
    for event in events:
        for part in (event, event.metadata):
            if part is not None:
                _add(answer, part)
    return answer


def _events(body: msgspec.Raw) -> Iterator[Body]:
    try:
        events = EVENTS.decode(body) if bytes(body).startswith(b"[") else [body]
    except RECORD_ERRORS:
        return
    for event in events:
        try:
            yield BODY.decode(event)
        except RECORD_ERRORS:
            continue


def _add(answer: Answer, body: Body) -> None:
    message, delta = body.message or NO_MESSAGE, body.delta or NO_DELTA
    for usage in (message.usage, body.usage):
        answer.usage.update(_usage(usage))
    for metrics in (body.metrics, body.invocation):
        if metrics is not None:
            answer.latency_ms = metrics.latencyMs or metrics.invocationLatency
            answer.first_byte_ms = metrics.firstByteLatency
    reason = body.stopReason or body.stop_reason or delta.stop_reason
    answer.stop_reason = word(reason) or answer.stop_reason
    answer.model = word(message.model or body.model) or answer.model


def _usage(usage: dict[str, Any] | None) -> dict[str, int]:
    if not usage:
        return {}
    try:
        found = flatten_tokens(usage)
        for detail in usage.get("cacheDetails") or []:
            if isinstance(detail, dict) and detail.get("ttl") in CACHE_DETAILS:
                count = whole(detail.get("inputTokens"), "cacheDetails")
                if count is not None:
                    found[CACHE_DETAILS[detail["ttl"]]] = count
    except (FieldError, TypeError):
        return {}
    return found


def word(text: str | None) -> str | None:
    """A short word; nothing of any other text, which may be an answer."""
    return text if text and WORD.fullmatch(text) else None
