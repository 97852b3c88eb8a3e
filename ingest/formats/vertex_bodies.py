"""Many generateContent bodies, decoded at once where they are as nearly all are."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from ingest.formats.count_lists import NULL, Count, Scalar
from ingest.formats.vertex_response import Candidate, Fault
from ingest.records import RECORD_ERRORS

NAMES: Final = {
    "model_version": "modelVersion",
    "response_id": "responseId",
    "create_time": "createTime",
    "usage_metadata": "usageMetadata",
}


class Part(msgspec.Struct, rename={"token_count": "tokenCount"}, gc=False):
    """Tokens of one modality."""

    modality: str
    token_count: Count | None = None


Usage = dict[str, Scalar | list[Part] | dict[str, Any]]


class PlainResponse(msgspec.Struct, rename=NAMES, gc=False):
    """A body, or one chunk of a stream, whose counts are counts."""

    candidates: list[Candidate] | None = None
    model_version: str | None = None
    response_id: str | None = None
    create_time: str | None = None
    usage_metadata: Usage | None = None
    error: Fault | None = None


class PlainRow(PlainResponse, rename=NAMES, gc=False):
    """A row of the log's table, or a body alone."""

    endpoint: str | None = None
    deployed_model_id: str | None = None
    logging_time: str | float | None = None
    request_id: str | int | None = None
    model: str | None = None
    api_method: str | None = None
    full_request: msgspec.Raw = NULL
    full_response: msgspec.Raw = NULL


# On average: of longer ones, streams most of them, the objects of many leave a processor's cache.
LONG_BYTES: Final = 2_000
Found = list[PlainResponse] | PlainResponse | str | None

PLAIN_ROW: Final = msgspec.json.Decoder(PlainRow)
RESPONSES: Final = msgspec.json.Decoder(list[Found])
RESPONSE: Final[msgspec.json.Decoder[Found]] = msgspec.json.Decoder(Found)
NO_RESPONSE: Final = PlainResponse()


def plain_responses(texts: Sequence[msgspec.Raw]) -> list[PlainResponse | None]:
    """Responses of JSON values; None for one that response_of must look at, or reject."""
    joined = b"[%b]" % b",".join(texts)
    if len(joined) > LONG_BYTES * len(texts):
        return [_decoded(text) for text in texts]
    try:
        found = RESPONSES.decode(joined)
    except RECORD_ERRORS:
        return [_decoded(text) for text in texts]
    return [one if type(one) is PlainResponse else _plain(one) for one in found]


def _decoded(text: msgspec.Raw | str) -> PlainResponse | None:
    try:
        return _plain(RESPONSE.decode(text))
    except RECORD_ERRORS:
        return None


def _plain(found: Found) -> PlainResponse | None:
    if isinstance(found, str):
        return _decoded(found) if found else NO_RESPONSE
    return _merged(found) if isinstance(found, list) else found or NO_RESPONSE


def _merged(chunks: Sequence[PlainResponse]) -> PlainResponse:
    """What the chunks of a stream tell, a later one instead of an earlier one."""
    last = PlainResponse()
    for chunk in chunks:
        if chunk.candidates is not None:
            last.candidates = chunk.candidates
        if chunk.model_version is not None:
            last.model_version = chunk.model_version
        if chunk.response_id is not None:
            last.response_id = chunk.response_id
        if chunk.create_time is not None:
            last.create_time = chunk.create_time
        if chunk.usage_metadata is not None:
            last.usage_metadata = chunk.usage_metadata
        if chunk.error is not None:
            last.error = chunk.error
    return last
