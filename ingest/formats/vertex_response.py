"""A generateContent body, whole or in the chunks of a stream; its content is never decoded."""

from typing import Any, Final

import msgspec

from ingest.formats.usage_rows import Text


class Candidate(msgspec.Struct, rename="camel", gc=False):
    """One answer; its content is not read."""

    finish_reason: str | None = None


class Fault(msgspec.Struct, gc=False):
    """An error; its message may hold a prompt and is not read."""

    status: str | None = None
    code: int | str | None = None


class Response(msgspec.Struct, rename="camel"):
    """A generateContent body, or one chunk of a stream."""

    candidates: list[Candidate] | None = None
    model_version: str | None = None
    response_id: str | None = None
    create_time: str | None = None
    usage_metadata: dict[str, Any] | None = None
    error: Fault | None = None


RESPONSES: Final = msgspec.json.Decoder(list[Response] | Response | str | None)


def response_of(text: Text) -> Response:
    """The response; of a stream the last chunk that counts tokens, since chunks repeat them."""
    found: list[Response] | Response | str | None = RESPONSES.decode(text)
    while isinstance(found, str):
        found = RESPONSES.decode(found) if found else None
    chunks = found if isinstance(found, list) else [found or Response()]
    last = Response()
    for chunk in chunks:
        for name in Response.__struct_fields__:
            if (value := getattr(chunk, name)) is not None:
                setattr(last, name, value)
    return last
