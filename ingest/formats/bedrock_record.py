"""One record of a Bedrock invocation log; bodies are searched for numbers and never kept."""

from datetime import datetime
from typing import Any, Final

import msgspec

from ingest.formats.bedrock_body import CACHE_DETAILS, Answer, answer_of
from ingest.formats.record_fields import whole
from ingest.formats.usage_rows import (
    Event,
    Text,
    later,
    parts_of,
    sum_of,
    text_tag,
    unknown_tokens,
    utc,
)
from ingest.records import FieldError
from ingest.tokens import first_count, reported_details

SCHEMAS: Final = (None, "ModelInvocationLog")
INPUT: Final = ("inputTokens", "input_tokens")
OUTPUT: Final = ("outputTokens", "output_tokens")
CACHE_READ: Final = ("cacheReadInputTokens", "cacheReadInputTokenCount", "cache_read_input_tokens")
CACHE_WRITE: Final = (
    "cacheWriteInputTokens",
    "cacheWriteInputTokenCount",
    "cache_creation_input_tokens",
)
LIFETIMES: Final = {
    "5m": (CACHE_DETAILS["5m"], "cache_creation.ephemeral_5m_input_tokens"),
    "1h": (CACHE_DETAILS["1h"], "cache_creation.ephemeral_1h_input_tokens"),
}
LOGGED: Final = {
    "inputTokenCount": "input",
    "cacheReadInputTokenCount": "input",
    "cacheWriteInputTokenCount": "input",
    "outputTokenCount": "output",
}
KNOWN: Final = frozenset(
    (
        *(f"{part}.{name}" for name, part in LOGGED.items()),
        *CACHE_READ,
        *CACHE_WRITE,
        *(path for paths in LIFETIMES.values() for path in paths),
        *("inputTokens", "outputTokens", "totalTokens", "input_tokens", "output_tokens"),
        *("prompt_tokens", "completion_tokens", "total_tokens"),
        # Inside output_tokens; the log counts them no more than the other totals do.
        "output_tokens_details.thinking_tokens",
    )
)


class Identity(msgspec.Struct, gc=False):
    """Who called."""

    arn: str | None = None


Caller = Identity | list[Identity] | str | None


class Invocation(msgspec.Struct, gc=False):
    """The fields that are read."""

    requestId: str  # noqa: N815 - the producer's names, here and below
    timestamp: str
    schemaType: str | None = None  # noqa: N815
    accountId: str | None = None  # noqa: N815
    identity: Caller = None
    region: str | None = None
    operation: str | None = None
    modelId: str | None = None  # noqa: N815
    requestMetadata: dict[str, Any] | None = None  # noqa: N815
    errorCode: str | None = None  # noqa: N815
    input: dict[str, msgspec.Raw] | None = None
    output: dict[str, msgspec.Raw] | None = None


RECORD: Final = msgspec.json.Decoder(Invocation)
NUMBER: Final = msgspec.json.Decoder(Any)


def translate(text: Text, team_tag: str | None) -> Event:
    """One record's values; `team_tag` names the key of requestMetadata that holds the team."""
    row = RECORD.decode(text)
    if not row.requestId:
        raise FieldError("requestId", "empty", "missing_value")
    if row.schemaType not in SCHEMAS:
        raise FieldError("schemaType", "not a model invocation log")
    answer = answer_of((row.output or {}).get("outputBodyJson"))
    tokens = _tokens(_logged(row), answer.usage)
    model = row.modelId or None
    return {
        "natural_key": row.requestId,
        **_times(utc(row.timestamp, "timestamp"), answer),
        "request_model": model,
        "response_model": foundation_model(model) or answer.model,
        "deployment_name": deployment(model),
        "operation_name": operation_name(row.operation, model),
        "region_name": row.region or None,
        "is_stream": is_stream(row.operation),
        "user_id": user_of(row.identity),
        "team_id": text_tag(row.requestMetadata, team_tag),
        "organization_id": row.accountId or None,
        "error_type": row.errorCode or None,
        "finish_reason": answer.stop_reason,
        **tokens,
    }


def _logged(row: Invocation) -> dict[str, int]:
    """Every token field beside the bodies, under its dotted path."""
    found = {}
    for part, fields in (("input", row.input), ("output", row.output)):
        for name, text in (fields or {}).items():
            if "token" in name.casefold():
                path = f"{part}.{name}"
                count = whole(NUMBER.decode(text), path)
                if count is not None:
                    found[path] = count
    return found


def _tokens(logged: dict[str, int], usage: dict[str, int]) -> Event:
    """Token classes: what the log counts, and what only the body says about it."""
    asked = logged.get("input.inputTokenCount", first_count(usage, INPUT))
    given = logged.get("output.outputTokenCount", first_count(usage, OUTPUT))
    cached = logged.get("input.cacheReadInputTokenCount", first_count(usage, CACHE_READ))
    written = logged.get("input.cacheWriteInputTokenCount", first_count(usage, CACHE_WRITE))
    (short, long), rest, flags = parts_of(
        written, *(first_count(usage, paths) for paths in LIFETIMES.values())
    )
    total = usage.get("totalTokens")
    details = logged | usage
    flags = [*flags, *unknown_tokens(details, KNOWN)]
    if total is not None and total != sum_of(asked, cached, written, given):
        flags.append("residual")
    return {
        "cache_read_input_tokens": cached,
        "cache_write_5m_input_tokens": short,
        "cache_write_1h_input_tokens": long,
        "cache_write_other_input_tokens": rest if rest or (short, long) == (None, None) else None,
        "reported_input_tokens": asked,
        "reported_output_tokens": given,
        "reported_total_tokens": total,
        "reported_details": reported_details(details),
        "quality_flags": flags,
    }


def _times(started: datetime, answer: Answer) -> Event:
    """The log stamps whole seconds; a duration is known only where a body tells it."""
    ended, first = later(started, answer.latency_ms), later(started, answer.first_byte_ms)
    return {
        "started_at": started,
        "ended_at": ended,
        "first_token_at": first if first and ended and first <= ended else None,
    }


def foundation_model(model: str | None) -> str | None:
    """The model in an ARN; an application inference profile's ARN names none."""
    if model is None or not model.startswith("arn:"):
        return model
    resource = model.split(":", 5)[-1]
    kind, _, name = resource.partition("/")
    return name if kind in ("inference-profile", "foundation-model") else None


def deployment(model: str | None) -> str | None:
    """An application inference profile's ARN."""
    return model if model and "application-inference-profile" in model else None


def operation_name(operation: str | None, model: str | None) -> str | None:
    """Converse is chat; of InvokeModel only the model's name tells what it was."""
    if operation is None:
        return None
    if operation.startswith("Converse"):
        return "chat"
    return "embeddings" if model and "embed" in model else None


def is_stream(operation: str | None) -> bool | None:
    """Whether an answer was streamed."""
    return operation.endswith("Stream") if operation else None


def user_of(identity: Caller) -> str | None:
    """The ARN of who called."""
    if isinstance(identity, list):
        identity = identity[0] if identity else None
    return (identity.arn if isinstance(identity, Identity) else identity) or None
