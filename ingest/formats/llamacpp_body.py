"""One chat completion body of llama.cpp's server: OpenAI's shape and `timings` beside it."""

from typing import Any, Final

import msgspec

from ingest.formats.usage_rows import Event, Text, Tokens, parts_of, sum_of, unknown_tokens
from ingest.records import FieldError
from ingest.times import TimestampError, from_epoch
from ingest.tokens import flatten_tokens, reported_details

CACHED: Final = "prompt_tokens_details.cached_tokens"
REASONING: Final = "completion_tokens_details.reasoning_tokens"
KNOWN: Final = frozenset(("prompt_tokens", "completion_tokens", "total_tokens", CACHED, REASONING))


class Choice(msgspec.Struct):
    """One answer; its message is not read."""

    finish_reason: str | None = None


class Timings(msgspec.Struct):
    """What the server processed: prompt_n excludes what its cache held."""

    cache_n: Tokens | None = None
    prompt_n: Tokens | None = None
    predicted_n: Tokens | None = None


class Body(msgspec.Struct):
    """A completion, or the last chunk of a stream."""

    id: str
    created: int
    object: str | None = None
    model: str | None = None
    choices: list[Choice] | None = None
    usage: dict[str, Any] | None = None
    timings: Timings | None = None


BODY: Final = msgspec.json.Decoder(Body)


def translate(text: Text) -> Event | None:
    """One body's values; None for a chunk of a stream that counts nothing."""
    body = BODY.decode(text)
    if not body.id:
        raise FieldError("id", "empty", "missing_value")
    is_chunk = body.object == "chat.completion.chunk"
    if is_chunk and body.usage is None and body.timings is None:
        return None
    try:
        started = from_epoch(body.created, "s")
    except TimestampError as error:
        raise FieldError("created", str(error), error.reason_code) from error
    model = _file_name(body.model)
    return {
        "natural_key": body.id,
        "request_id": body.id,
        "started_at": started,
        "is_stream": is_chunk,
        "provider_name": "self_hosted",
        "request_model": model,
        "response_model": model,
        "operation_name": "chat",
        "status": "success",
        "finish_reason": body.choices[0].finish_reason if body.choices else None,
        **_tokens(flatten_tokens(body.usage or {}), body.timings or Timings()),
    }


def _tokens(usage: dict[str, int], timings: Timings) -> Event:
    """Token classes from the usage; where it is absent, from the timings."""
    prompt = usage.get("prompt_tokens", sum_of(timings.cache_n, timings.prompt_n))
    output = usage.get("completion_tokens", timings.predicted_n)
    (cached,), fresh, flags = parts_of(prompt, usage.get(CACHED, timings.cache_n))
    (thought,), visible, output_flags = parts_of(output, usage.get(REASONING))
    total = usage.get("total_tokens")
    if total is not None and total != sum_of(prompt, output):
        flags = [*flags, "residual"]
    counted = {
        f"timings.{name}": count
        for name in ("cache_n", "prompt_n", "predicted_n")
        if (count := getattr(timings, name)) is not None
    }
    return {
        "uncached_input_tokens": fresh,
        "cache_read_input_tokens": cached,
        "other_output_tokens": visible,
        "reasoning_output_tokens": thought,
        "reported_input_tokens": prompt,
        "reported_output_tokens": output,
        "reported_total_tokens": total,
        "reported_details": reported_details(usage | counted),
        "reported_input_semantics": "inclusive",
        "quality_flags": [*flags, *output_flags, *unknown_tokens(usage, KNOWN)],
    }


def _file_name(model: str | None) -> str | None:
    """The model; where the server names it by its file, without the folders of its host."""
    if model and (model.startswith(("/", "~")) or "\\" in model):
        model = model.replace("\\", "/").rpartition("/")[2]
    return model or None
