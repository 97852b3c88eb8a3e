"""LiteLLM's rows in their plain form: types narrower than what litellm_fields reads.

Times are text, the metadata is an object, and the usage in it has no fields but KNOWN_FIELDS. What
does not fit is decoded as litellm_fields has it.
"""

from typing import Annotated, Final

import msgspec

from ingest.formats.litellm_fields import (
    CallBase,
    CostBasis,
    ErrorInformation,
    MetadataBase,
    Tokens,
)

NoValue = Annotated[int, msgspec.Meta(ge=1, le=0)]  # of a key that must not be there
NO_AMOUNT: Final = msgspec.Raw(b"null")


class Usage(msgspec.Struct, gc=False, forbid_unknown_fields=True):
    """Fields of KNOWN_FIELDS, and no others: what is unknown must be seen."""


class Lifetimes(Usage):
    """Tokens written to a cache, by how long they stay there."""

    ephemeral_5m_input_tokens: Tokens | None = None
    ephemeral_30m_input_tokens: Tokens | None = None
    ephemeral_1h_input_tokens: Tokens | None = None
    ephemeral_12h_input_tokens: Tokens | None = None


class Prompt(Usage):
    """Parts of the input."""

    cached_tokens: Tokens | None = None
    cache_creation_tokens: Tokens | None = None
    cache_write_tokens: Tokens | None = None
    audio_tokens: Tokens | None = None
    image_tokens: Tokens | None = None
    video_tokens: Tokens | None = None
    text_tokens: Tokens | None = None
    cache_creation_token_details: Lifetimes | None = None


class Completion(Usage):
    """Parts of the output."""

    reasoning_tokens: Tokens | None = None
    audio_tokens: Tokens | None = None
    image_tokens: Tokens | None = None
    rejected_prediction_tokens: Tokens | None = None
    accepted_prediction_tokens: Tokens | None = None
    text_tokens: Tokens | None = None


class PlainUsage(Usage):
    """The usage of one call."""

    prompt_tokens: Tokens | None = None
    completion_tokens: Tokens | None = None
    total_tokens: Tokens | None = None
    cache_read_input_tokens: Tokens | None = None
    cache_creation_input_tokens: Tokens | None = None
    prompt_tokens_details: Prompt | None = None
    completion_tokens_details: Completion | None = None


class PlainMetadata(MetadataBase, gc=False, kw_only=True):
    """The keys of use, with usage of known fields."""

    usage_object: PlainUsage | None = None
    additional_usage_values: None = None


class PlainRow(CallBase, gc=False, kw_only=True):
    """One call."""

    startTime: str  # noqa: N815 - the producer's name
    endTime: str | None = None  # noqa: N815
    completionStartTime: str | None = None  # noqa: N815
    spend: msgspec.Raw = NO_AMOUNT  # as text; a Decimal of Python costs ten times as much
    response_cost: None = None
    metadata: PlainMetadata | None = None
    data: NoValue = 0  # a page has this key


PLAIN_ROW: Final = msgspec.json.Decoder(PlainRow)
NO_METADATA: Final = PlainMetadata()
NO_USAGE: Final = PlainUsage()
NO_PROMPT: Final = Prompt()
NO_LIFETIMES: Final = Lifetimes()
NO_COMPLETION: Final = Completion()
NO_BASIS: Final = CostBasis()
NO_ERROR: Final = ErrorInformation()
