"""One row of LiteLLM_SpendLogs: the fields that are read, and their values in canonical columns.

Nothing else is ever decoded: messages, response, proxy_server_request and requester_ip_address
never leave the file.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, Final

import msgspec

from ingest.records import RECORD_ERRORS, TOKEN_LIMIT, FieldError, exact_money
from ingest.times import TimestampError, parse_utc
from ingest.tokens import INPUT_MODALITIES, LIFETIMES, OUTPUT_PARTS, flatten_tokens

PROVIDERS: Final = {
    "hosted_vllm": "self_hosted",
    "vllm": "self_hosted",
    "azure": "azure.ai.openai",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "vertex_ai": "gcp.vertex_ai",
    "vertex_ai_beta": "gcp.vertex_ai",
    "gemini": "gcp.gemini",
    "text-completion-openai": "openai",
}
OPERATIONS: Final = {
    "completion": "chat",
    "text_completion": "chat",
    "anthropic_messages": "chat",
    "responses": "responses",
    "embedding": "embeddings",
    "image_generation": "image",
    "speech": "audio_tts",
    "transcription": "audio_stt",
    "moderation": "moderation",
}
# Paths in the usage object of each part; the first that is reported counts.
PROMPT: Final = "prompt_tokens_details."
LIFETIME: Final = PROMPT + "cache_creation_token_details.ephemeral_{}_input_tokens"
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "input_cache_read": (PROMPT + "cached_tokens", "cache_read_input_tokens"),
    "input_cache_write": (
        PROMPT + "cache_creation_tokens",
        PROMPT + "cache_write_tokens",
        "cache_creation_input_tokens",
    ),
    **{f"input_cache_write_{life}": (LIFETIME.format(life),) for life in LIFETIMES},
    **{f"input_{kind}": (f"{PROMPT}{kind}_tokens",) for kind in INPUT_MODALITIES},
    **{f"output_{part}": (f"completion_tokens_details.{part}_tokens",) for part in OUTPUT_PARTS},
}
PATHS: Final = tuple(path for paths in PARTS.values() for path in paths)
UNSPLIT: Final = (
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    "prompt_tokens_details.text_tokens",
    "completion_tokens_details.text_tokens",
    "completion_tokens_details.accepted_prediction_tokens",
)
KNOWN_FIELDS: Final = frozenset((*UNSPLIT, *PATHS))


Tokens = Annotated[int, msgspec.Meta(ge=0, le=TOKEN_LIMIT)]


class CostBasis(msgspec.Struct):
    """What LiteLLM's own price rested on."""

    service_tier: str | None = None
    vertex_location: str | None = None


class ErrorInformation(msgspec.Struct):
    """The class of an error; its message may hold a prompt and is not read."""

    error_class: str | None = None


class Metadata(msgspec.Struct):
    """The keys of use; an operator can switch each of them off."""

    usage_object: dict[str, Any] | None = None
    additional_usage_values: dict[str, Any] | None = None
    cost_breakdown: CostBasis | None = None
    error_information: ErrorInformation | None = None
    status: str | None = None
    user_api_key_team_id: str | None = None
    user_api_key_org_id: str | None = None
    user_api_key_project_id: str | None = None
    batch_successful_requests: Tokens | None = None


class SpendLog(msgspec.Struct):
    """One row of LiteLLM_SpendLogs; prompt_tokens and completion_tokens are inclusive totals."""

    request_id: str
    startTime: str  # noqa: N815 - the producer's name
    endTime: str | None = None  # noqa: N815
    completionStartTime: str | None = None  # noqa: N815
    call_type: str | None = None
    api_key: str | None = None
    spend: Decimal | None = None
    prompt_tokens: Tokens | None = None
    completion_tokens: Tokens | None = None
    total_tokens: Tokens | None = None
    model: str | None = None
    model_group: str | None = None
    model_id: str | None = None
    custom_llm_provider: str | None = None
    user: str | None = None
    end_user: str | None = None
    team_id: str | None = None
    organization_id: str | None = None
    session_id: str | None = None
    status: str | None = None
    cache_hit: str | bool | None = None
    metadata: Metadata | str | None = None


ROW: Final = msgspec.json.Decoder(SpendLog)
METADATA: Final = msgspec.json.Decoder(Metadata | str | None)
ENCODER: Final = msgspec.json.Encoder(order="sorted")

COLUMNS: Final = (
    "line_number",
    "natural_key",
    "started_at",
    "ended_at",
    "first_token_at",
    "is_stream",
    "session_id",
    "provider_name",
    "request_model",
    "response_model",
    "deployment_name",
    "operation_name",
    "region_name",
    "service_tier",
    "is_batch",
    "user_id",
    "end_user_id",
    "api_key_id",
    "team_id",
    "project_id",
    "organization_id",
    "request_count",
    "status",
    "error_type",
    "reported_input_tokens",
    "reported_output_tokens",
    "reported_total_tokens",
    "reported_details",
    "reported_cost_usd",
    "is_gateway_cache_hit",
    "unknown_token_field",
    *PATHS,
)


def translate(number: int, row: SpendLog) -> tuple[object, ...]:
    """One row's values in the order of COLUMNS."""
    if not row.request_id:
        raise FieldError("request_id", "empty", "missing_value")
    meta = _metadata(row.metadata)
    started = _time(row.startTime, "startTime")
    ended = _time(row.endTime, "endTime") if row.endTime else None
    first = (
        _time(row.completionStartTime, "completionStartTime") if row.completionStartTime else None
    )
    # Equal to endTime when the answer was not streamed.
    is_stream = True if first and ended and started <= first < ended else None
    is_batch = row.request_id.endswith("_batch_cost")
    usage = flatten_tokens(meta.usage_object or meta.additional_usage_values or {})
    basis, fault = meta.cost_breakdown, meta.error_information
    model = row.model or None
    return (
        number,
        row.request_id,
        started,
        ended,
        first if is_stream else None,
        is_stream,
        row.session_id or None,
        _provider(row),
        row.model_group or model,
        model,
        row.model_id or None,
        _operation(row.call_type),
        (basis and basis.vertex_location) or None,
        (basis and basis.service_tier) or None,
        is_batch,
        row.user or None,
        row.end_user or None,
        _hashed_key(row.api_key),
        row.team_id or meta.user_api_key_team_id or None,
        meta.user_api_key_project_id or None,
        row.organization_id or meta.user_api_key_org_id or None,
        meta.batch_successful_requests if is_batch and meta.batch_successful_requests else 1,
        _status(row.status or meta.status),
        (fault and fault.error_class) or None,
        row.prompt_tokens,
        row.completion_tokens,
        row.total_tokens,
        ENCODER.encode(usage).decode() if usage else None,
        None if row.spend is None else exact_money(row.spend, "spend"),
        row.cache_hit in ("True", True) or "_cache_hit" in row.request_id,
        not usage.keys() <= KNOWN_FIELDS and _has_unknown_tokens(usage),
        *map(usage.get, PATHS),
    )


def _has_unknown_tokens(usage: dict[str, int]) -> bool:
    return any(usage[path] for path in usage.keys() - KNOWN_FIELDS if "token" in path)


def _metadata(metadata: Metadata | str | None) -> Metadata:
    """Metadata, also where it arrives as JSON text in JSON, once or more often."""
    try:
        while isinstance(metadata, str):
            metadata = METADATA.decode(metadata) if metadata else None
    except RECORD_ERRORS as error:
        raise FieldError("metadata", "JSON text that is not a metadata object") from error
    return metadata or Metadata()


def _time(text: str, column_name: str) -> datetime:
    try:
        return parse_utc(text, "UTC")  # LiteLLM documents times without an offset as UTC
    except TimestampError as error:
        raise FieldError(column_name, str(error), error.reason_code) from error


def _provider(row: SpendLog) -> str | None:
    name = row.custom_llm_provider
    if not name and row.model and "/" in row.model:
        name = row.model.partition("/")[0]
    return PROVIDERS.get(name, name) if name else None


def _operation(call_type: str | None) -> str | None:
    if not call_type:
        return None
    return OPERATIONS.get(call_type) or OPERATIONS.get(call_type.removeprefix("a"), "other")


def _status(status: str | None) -> str:
    return status if status in ("success", "failure") else "unknown"


def _hashed_key(key: str | None) -> str | None:
    """A key as LiteLLM hashes it, in case a plain one was ever logged."""
    if key and key.startswith("sk-"):
        return sha256(key.encode()).hexdigest()
    return key or None
