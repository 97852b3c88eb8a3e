"""Anthropic's answers in their plain form: types narrower than what anthropic_message reads.

The usage has no fields but those of PlainUsage, and no iterations that are rows of their own.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

import msgspec

from ingest.formats.anthropic_message import Fault
from ingest.formats.anthropic_usage import KNOWN_FIELDS, OUTSIDE_TOTALS
from ingest.formats.loose_records import LooseDecoder, OtherCounts
from ingest.formats.plain_seconds import Seconds
from ingest.records import TOKEN_LIMIT
from ingest.tokens import flatten_tokens

Tokens = Annotated[int, msgspec.Meta(ge=0, le=TOKEN_LIMIT)]
USAGES: Final = (dict, type(None))
NOT_PLAIN: Final = "not plain"


class Usage(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """Fields that are known, and no others: what is unknown must be seen."""


class Lifetimes(Usage):
    """Tokens written to a cache, by how long they stay there."""

    ephemeral_5m_input_tokens: Tokens | None = None
    ephemeral_1h_input_tokens: Tokens | None = None


class Output(Usage):
    """Parts of the output."""

    thinking_tokens: Tokens | None = None


class ServerTools(Usage):
    """Requests of tools that ran at Anthropic's."""

    web_search_requests: Tokens | None = None
    web_fetch_requests: Tokens | None = None


class Inside(Usage):
    """An iteration whose tokens are in the totals."""

    type: Literal["message", "fallback_message"]
    model: str | None = None
    input_tokens: Tokens | None = None
    output_tokens: Tokens | None = None
    cache_read_input_tokens: Tokens | None = None
    cache_creation_input_tokens: Tokens | None = None
    cache_creation: Lifetimes | None = None


class PlainUsage(Usage):
    """The usage of one answer."""

    input_tokens: Tokens | None = None
    output_tokens: Tokens | None = None
    cache_read_input_tokens: Tokens | None = None
    cache_creation_input_tokens: Tokens | None = None
    cache_creation: Lifetimes | None = None
    output_tokens_details: Output | None = None
    server_tool_use: ServerTools | None = None
    service_tier: str | None = None
    inference_geo: str | None = None
    speed: str | None = None
    iterations: list[Inside] | None = None


class PlainMessage(msgspec.Struct, gc=False, kw_only=True):
    """An answer, or the error that came instead."""

    timestamp: str | Seconds | None = None
    created_at: str | Seconds | None = None
    id: str | None = None
    request_id: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    error: Fault | None = None
    usage: PlainUsage | None = None
    other_counts: OtherCounts | None = None


class PlainResult(msgspec.Struct, gc=False):
    """What came of a request of a batch."""

    message: PlainMessage | None = None


class PlainEnvelope(PlainMessage, gc=False, kw_only=True):
    """An answer as it is, in an envelope, or as a line of a batch's results."""

    type: str | None = None
    message: PlainMessage | None = None
    result: PlainResult | None = None


class LooseMessage(PlainMessage, gc=False, kw_only=True):
    """An answer with usage of any shape."""

    usage: Any = None


class LooseResult(PlainResult, gc=False):
    """What came of a request of a batch, with usage of any shape."""

    message: LooseMessage | None = None


class LooseEnvelope(PlainEnvelope, gc=False, kw_only=True):
    """An answer, in an envelope or not, with usage of any shape."""

    usage: Any = None
    message: LooseMessage | None = None
    result: LooseResult | None = None


def message_of(outer: PlainEnvelope) -> PlainMessage:
    """The answer itself."""
    if outer.result is not None:
        return outer.result.message or NO_MESSAGE
    return outer if outer.message is None else outer.message


def _settle(outer: PlainEnvelope) -> None:
    """Give an answer the plain usage that it has, and tell what else there is.

    Raises:
        FieldError, msgspec.ValidationError: It has a usage that is no object of counts, or tokens
            that are rows of their own.
    """
    message = message_of(outer)
    usage: Any = message.usage
    outer_usage: Any = outer.usage
    if type(usage) not in USAGES or type(outer_usage) not in USAGES:
        raise msgspec.ValidationError(NOT_PLAIN)
    if usage is None:
        return
    if "iterations" in usage and _has_outside_totals(usage["iterations"]):
        raise msgspec.ValidationError(NOT_PLAIN)
    try:
        message.usage = msgspec.convert(usage, PlainUsage)
    except msgspec.ValidationError:
        counts = flatten_tokens(usage)
        message.usage = _usage_of(counts, usage)
        message.other_counts = OtherCounts(counts, KNOWN_FIELDS)


def _has_outside_totals(iterations: object) -> bool:
    return isinstance(iterations, list) and any(
        isinstance(part, dict) and part.get("type") in OUTSIDE_TOTALS for part in iterations
    )


def _usage_of(counts: Mapping[str, int], usage: Mapping[str, object]) -> PlainUsage:
    return PlainUsage(
        input_tokens=counts.get("input_tokens"),
        output_tokens=counts.get("output_tokens"),
        cache_read_input_tokens=counts.get("cache_read_input_tokens"),
        cache_creation_input_tokens=counts.get("cache_creation_input_tokens"),
        cache_creation=Lifetimes(
            counts.get("cache_creation.ephemeral_5m_input_tokens"),
            counts.get("cache_creation.ephemeral_1h_input_tokens"),
        ),
        output_tokens_details=Output(counts.get("output_tokens_details.thinking_tokens")),
        service_tier=_text(usage.get("service_tier")),
        inference_geo=_text(usage.get("inference_geo")),
        speed=_text(usage.get("speed")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


ENVELOPES: Final = LooseDecoder(
    msgspec.json.Decoder(PlainEnvelope),
    msgspec.json.Decoder(LooseEnvelope),
    _settle,
    unsettled=PlainEnvelope(),  # no id
)
NO_MESSAGE: Final = PlainMessage()
NO_USAGE: Final = PlainUsage()
NO_LIFETIMES: Final = Lifetimes()
NO_OUTPUT: Final = Output()
NO_TOOLS: Final = ServerTools()
