"""OpenAI's answers in their plain form: types narrower than what openai_body reads.

Times are seconds since 1970 within the years there are, and the usage has no fields but
KNOWN_FIELDS. Choices and outputs hold what a model said; only the finish reason is decoded.
"""

from collections.abc import Container, Mapping
from typing import Annotated, Any, Final

import msgspec

from ingest.formats.loose_records import LooseDecoder, OtherCounts
from ingest.formats.openai_body import KNOWN_FIELDS, BodyBase, Fault
from ingest.formats.plain_seconds import Seconds
from ingest.records import TOKEN_LIMIT
from ingest.tokens import flatten_tokens

Tokens = Annotated[int, msgspec.Meta(ge=0, le=TOKEN_LIMIT)]


class Usage(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """Fields of KNOWN_FIELDS, and no others: what is unknown must be seen."""


class Lifetimes(Usage):
    """Tokens written to a cache, by how long they stay there."""

    ttl_30m_tokens: Tokens | None = None
    ttl_12h_tokens: Tokens | None = None


class Input(Usage):
    """Parts of the input."""

    cached_tokens: Tokens | None = None
    cache_write_tokens: Tokens | None = None
    cache_write_tokens_details: Lifetimes | None = None
    audio_tokens: Tokens | None = None
    image_tokens: Tokens | None = None
    video_tokens: Tokens | None = None
    text_tokens: Tokens | None = None


class Output(Usage):
    """Parts of the output."""

    reasoning_tokens: Tokens | None = None
    audio_tokens: Tokens | None = None
    image_tokens: Tokens | None = None
    rejected_prediction_tokens: Tokens | None = None
    accepted_prediction_tokens: Tokens | None = None
    text_tokens: Tokens | None = None


class PlainUsage(Usage):
    """The usage of one answer, by chat's names or by the responses'."""

    prompt_tokens: Tokens | None = None
    completion_tokens: Tokens | None = None
    total_tokens: Tokens | None = None
    prompt_tokens_details: Input | None = None
    completion_tokens_details: Output | None = None
    input_tokens: Tokens | None = None
    output_tokens: Tokens | None = None
    input_tokens_details: Input | None = None
    output_tokens_details: Output | None = None


class PlainBody(BodyBase, gc=False, kw_only=True):
    """An answer."""

    created: Seconds | None = None
    created_at: Seconds | None = None
    completed_at: Seconds | None = None
    usage: PlainUsage | None = None
    other_counts: OtherCounts | None = None


class PlainResponse(msgspec.Struct, gc=False):
    """What came of a request of a batch."""

    status_code: int | None = None
    body: PlainBody | None = None


class PlainLine(msgspec.Struct, gc=False):
    """A request's line in a batch."""

    id: str
    response: PlainResponse | None = None
    error: Fault | None = None


class LooseBody(PlainBody, gc=False, kw_only=True):
    """An answer with usage of any shape."""

    usage: Any = None


class LooseResponse(PlainResponse, gc=False):
    """What came of a request of a batch, with usage of any shape."""

    body: LooseBody | None = None


class LooseLine(PlainLine, gc=False):
    """A request's line in a batch, with usage of any shape."""

    response: LooseResponse | None = None


def _settle(body: PlainBody) -> None:
    """Give a body the plain usage that it has, and tell what else there is.

    Raises:
        FieldError, msgspec.ValidationError: There is no usage that is an object of counts.
    """
    usage: Any = body.usage
    if usage is None:
        return
    try:
        body.usage = msgspec.convert(usage, PlainUsage)
    except msgspec.ValidationError:
        if type(usage) is not dict:
            raise
        counts = flatten_tokens(usage)
        body.usage = _usage_of(counts)
        body.other_counts = OtherCounts(counts, KNOWN_FIELDS)


def _settle_line(line: PlainLine) -> None:
    if line.response is not None and line.response.body is not None:
        _settle(line.response.body)


def _usage_of(counts: Mapping[str, int]) -> PlainUsage:
    get, told = counts.get, {path.partition(".")[0] for path in counts}
    return PlainUsage(
        prompt_tokens=get("prompt_tokens"),
        completion_tokens=get("completion_tokens"),
        total_tokens=get("total_tokens"),
        prompt_tokens_details=_input_of(counts, "prompt_tokens_details", told),
        completion_tokens_details=_output_of(counts, "completion_tokens_details", told),
        input_tokens=get("input_tokens"),
        output_tokens=get("output_tokens"),
        input_tokens_details=_input_of(counts, "input_tokens_details", told),
        output_tokens_details=_output_of(counts, "output_tokens_details", told),
    )


def _input_of(counts: Mapping[str, int], name: str, told: Container[str]) -> Input | None:
    if name not in told:
        return None
    at = name + "."
    return Input(
        cached_tokens=counts.get(at + "cached_tokens"),
        cache_write_tokens=counts.get(at + "cache_write_tokens"),
        cache_write_tokens_details=Lifetimes(
            counts.get(at + "cache_write_tokens_details.ttl_30m_tokens"),
            counts.get(at + "cache_write_tokens_details.ttl_12h_tokens"),
        ),
        audio_tokens=counts.get(at + "audio_tokens"),
        image_tokens=counts.get(at + "image_tokens"),
        video_tokens=counts.get(at + "video_tokens"),
        text_tokens=counts.get(at + "text_tokens"),
    )


def _output_of(counts: Mapping[str, int], name: str, told: Container[str]) -> Output | None:
    if name not in told:
        return None
    at = name + "."
    return Output(
        reasoning_tokens=counts.get(at + "reasoning_tokens"),
        audio_tokens=counts.get(at + "audio_tokens"),
        image_tokens=counts.get(at + "image_tokens"),
        rejected_prediction_tokens=counts.get(at + "rejected_prediction_tokens"),
        accepted_prediction_tokens=counts.get(at + "accepted_prediction_tokens"),
        text_tokens=counts.get(at + "text_tokens"),
    )


NO_BODY: Final = PlainBody()
NO_RESPONSE: Final = PlainResponse()
NO_USAGE: Final = PlainUsage()
NO_INPUT: Final = Input()
NO_OUTPUT: Final = Output()
NO_LIFETIMES: Final = Lifetimes()
BODIES: Final = LooseDecoder(
    msgspec.json.Decoder(PlainBody),
    msgspec.json.Decoder(LooseBody),
    _settle,
    unsettled=NO_BODY,  # no id
)
LINES: Final = LooseDecoder(
    msgspec.json.Decoder(PlainLine),
    msgspec.json.Decoder(LooseLine),
    _settle_line,
    unsettled=PlainLine(id=""),
)
