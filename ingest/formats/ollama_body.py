"""One body of Ollama's /api/chat or /api/generate; what was asked and answered is not read."""

from datetime import timedelta
from hashlib import sha256
from typing import Annotated, Final

import msgspec

from ingest.formats.usage_rows import Event, Text, Tokens, utc
from ingest.records import FieldError
from ingest.tokens import reported_details

# A month at most: longer is no duration.
Nanoseconds = Annotated[int, msgspec.Meta(ge=0, le=30 * 86_400 * 10**9)]


class Body(msgspec.Struct):
    """A whole answer, or the last line of a stream; durations are nanoseconds."""

    model: str | None = None
    created_at: str | None = None
    done: bool | None = None
    done_reason: str | None = None
    total_duration: Nanoseconds | None = None
    prompt_eval_count: Tokens | None = None
    eval_count: Tokens | None = None


BODY: Final = msgspec.json.Decoder(Body)


def translate(text: Text) -> Event | None:
    """One body's values; None for the lines of a stream before its last."""
    body = BODY.decode(text)
    if body.done is False:
        return None
    if body.created_at is None:
        raise FieldError("created_at", "missing: not a body of chat or generate", "missing_value")
    ended = utc(body.created_at, "created_at")
    nanoseconds = body.total_duration or 0
    counts = {
        name: count
        for name in ("prompt_eval_count", "eval_count")
        if (count := getattr(body, name)) is not None
    }
    # Ollama gives no id. Its times are exact to the microsecond, and not the same line twice.
    identity = (body.model, body.created_at, nanoseconds, body.prompt_eval_count, body.eval_count)
    return {
        "natural_key": sha256("\x1f".join(map(str, identity)).encode()).hexdigest(),
        "started_at": ended - timedelta(microseconds=nanoseconds / 1000),
        "ended_at": ended,
        "provider_name": "self_hosted",
        "request_model": body.model or None,
        "response_model": body.model or None,
        "operation_name": "chat",
        "status": "success",
        "finish_reason": body.done_reason or None,
        "uncached_input_tokens": body.prompt_eval_count,
        "other_output_tokens": body.eval_count,
        "reported_input_tokens": body.prompt_eval_count,
        "reported_output_tokens": body.eval_count,
        "reported_details": reported_details(counts),
        "reported_input_semantics": "inclusive",
    }
