"""Bodies of many Bedrock answers, decoded at once where they are as nearly all are."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from ingest.formats.bedrock_body import Answer, Delta, Metrics, answer_of, word
from ingest.formats.count_lists import NOTHING, NULL, Scalar
from ingest.records import RECORD_ERRORS

Level = dict[str, Scalar | list[Any]]
Usage = dict[str, Scalar | list[Any] | Level]


class PlainMessage(msgspec.Struct, gc=False):
    """The message that a stream begins with."""

    usage: Usage | None = None
    model: str | None = None


class PlainBody(msgspec.Struct, gc=False):
    """A body, or an event of a stream, whose counts are counts.

    Models of some makers say with `message` what they answer: it is decoded where it is an object.
    """

    usage: Usage | None = None
    metrics: Metrics | None = None
    stopReason: str | None = None  # noqa: N815 - the producer's names, here and below
    stop_reason: str | None = None
    model: str | None = None
    message: msgspec.Raw = NULL
    delta: Delta | None = None
    metadata: "PlainBody | None" = None
    invocation: Metrics | None = msgspec.field(
        default=None, name="amazon-bedrock-invocationMetrics"
    )


# On average: of longer ones, streams most of them, the objects of many leave a processor's cache.
LONG_BYTES: Final = 2_000
Found = PlainBody | list[PlainBody] | str | float | bool | None

BODIES: Final = msgspec.json.Decoder(list[Found])
BODY: Final[msgspec.json.Decoder[Found]] = msgspec.json.Decoder(Found)
MESSAGE: Final = msgspec.json.Decoder(PlainMessage | None)
SILENT: Final = Answer()
NO_BODY: Final = PlainBody()


def plain_bodies(texts: Sequence[msgspec.Raw]) -> list[PlainBody | None]:
    """What bodies tell: usage, metrics or invocation, stopReason or stop_reason, and model.

    Args:
        texts: JSON values.

    Returns:
        Bodies without message, metadata and delta; streams as the body that they add up to;
        NO_BODY for one that holds no numbers; and None for one that answer_of must look at.
    """
    joined = b"[%b]" % b",".join(texts)
    if len(joined) > LONG_BYTES * len(texts):
        return [_decoded(text) for text in texts]
    try:
        found = BODIES.decode(joined)
    except RECORD_ERRORS:
        return [_decoded(text) for text in texts]
    return [_plain(one) for one in found]


def _decoded(text: msgspec.Raw) -> PlainBody | None:
    try:
        found = BODY.decode(text)
    except RECORD_ERRORS:
        return NO_BODY if answer_of(text) == SILENT else None
    return _plain(found)


def _plain(found: Found) -> PlainBody | None:
    if type(found) is list:
        return _joined(found)
    if type(found) is not PlainBody:
        return NO_BODY
    if found.metadata is None and found.delta is None:
        if found.message is NULL:
            return found
        if bytes(found.message)[:1] not in (b"{", b"n"):
            return NO_BODY  # an answer of another shape
    return _joined([found])


def _joined(events: Sequence[PlainBody]) -> PlainBody | None:
    """What events tell, a later one instead of an earlier one; None where that is intricate."""
    joined = PlainBody()
    try:
        for event in events:
            delta = event.delta
            if delta is None or event.usage is not None or event != PlainBody(delta=delta):
                if not _add(joined, event):
                    return None
                if event.metadata is not None and not _add(joined, event.metadata):
                    return None
            elif delta.stop_reason:  # most events are a piece of the answer, which is not read
                joined.stop_reason = _latest(delta.stop_reason, joined.stop_reason)
    except RECORD_ERRORS:
        return None
    return joined


def _add(joined: PlainBody, part: PlainBody) -> bool:
    """Add what an event tells; False where that is intricate."""
    usage, model, reason = part.usage, part.model, part.stopReason or part.stop_reason
    if part.message is not NULL and (message := MESSAGE.decode(part.message)) is not None:
        if message.usage and not _add_usage(joined, message.usage):
            return False
        model = message.model or model
    if usage and not _add_usage(joined, usage):
        return False
    if part.delta is not None:
        reason = reason or part.delta.stop_reason
    joined.metrics = part.invocation or part.metrics or joined.metrics
    if reason:
        joined.stop_reason = _latest(reason, joined.stop_reason)
    if model:
        joined.model = _latest(model, joined.model)
    return True


def _latest(text: str, earlier: str | None) -> str:
    """The later of two texts, if it is a word."""
    return (word(text) or earlier) if earlier else text


def _add_usage(joined: PlainBody, usage: Usage) -> bool:
    """Add counts that just take the place of earlier ones; False if they might do more."""
    if not joined.usage:
        joined.usage = usage
        return True
    taken = set(map(type, map(joined.usage.get, usage)))
    if set(map(type, usage.values())) != {int} or not taken <= {int, NOTHING}:
        return False
    joined.usage.update(usage)
    return True
