"""One call that LiteLLM logged: its values in canonical columns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import polars as pl

from ingest.formats.litellm_fields import METADATA, Metadata, SpendLog
from ingest.formats.provider_fields import exact_amount
from ingest.formats.provider_names import provider_of
from ingest.records import RECORD_ERRORS, FieldError
from ingest.schema import USAGE_EVENTS
from ingest.times import TimestampError, from_epoch, parse_utc
from ingest.tokens import (
    INPUT_MODALITIES,
    LIFETIMES,
    OUTPUT_PARTS,
    flatten_tokens,
    has_unknown_tokens,
    reported_details,
)

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
COMPLETION: Final = "completion_tokens_details."
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
    **{f"output_{part}": (f"{COMPLETION}{part}_tokens",) for part in OUTPUT_PARTS},
}
PATHS: Final = tuple(path for paths in PARTS.values() for path in paths)
UNSPLIT: Final = (
    "prompt_tokens",
    "completion_tokens",
    "total_tokens",
    PROMPT + "text_tokens",
    COMPLETION + "text_tokens",
    COMPLETION + "accepted_prediction_tokens",
)
KNOWN_FIELDS: Final = frozenset((*UNSPLIT, *PATHS))

TYPES: Final[Mapping[str, pl.DataType]] = {
    **{
        name: USAGE_EVENTS[name]
        for name in (
            "line_number",
            "natural_key",
            "request_id",
            "trace_id",
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
        )
    },
    "unknown_token_field": pl.Boolean(),
    **dict.fromkeys(PATHS, pl.Int64()),
}


def translate(number: int, row: SpendLog) -> tuple[object, ...]:
    """One call's values in the order of TYPES.

    Raises:
        FieldError: No id, or a value that cannot be what its field means.
    """
    request_id = row.request_id or row.id
    if not request_id:
        raise FieldError("request_id", "no id", "missing_value")
    meta = _metadata(row.metadata)
    is_cache_hit = row.cache_hit in ("True", True) or "_cache_hit" in request_id
    started = _time(row.startTime, "startTime")
    ended = _time(row.endTime, "endTime")
    first = _time(row.completionStartTime, "completionStartTime")
    if started is None:
        raise FieldError("startTime", "no time", "missing_value")
    # Equal to endTime when the answer was not streamed.
    has_first = first is not None and ended is not None and started <= first < ended
    is_batch = request_id.endswith("_batch_cost")
    usage = flatten_tokens(meta.usage_object or meta.additional_usage_values or {})
    basis = row.cost_breakdown or meta.cost_breakdown
    fault = row.error_information or meta.error_information
    cost = row.response_cost if row.spend is None else row.spend
    model = row.model or None
    return (
        number,
        _natural_key(row, meta, request_id) if is_cache_hit else request_id,
        request_id,
        row.trace_id or None,
        started,
        ended,
        first if has_first else None,
        True if has_first else row.stream,
        row.session_id or None,
        provider_of(row.custom_llm_provider or route_of(row.model)),
        row.model_group or model,
        model,
        row.model_id or None,
        operation_name(row.call_type),
        (basis and basis.vertex_location) or None,
        (basis and basis.service_tier) or None,
        is_batch,
        row.user or meta.user_api_key_user_id or None,
        row.end_user or meta.user_api_key_end_user_id or None,
        row.api_key or meta.user_api_key_hash or None,
        row.team_id or meta.user_api_key_team_id or None,
        meta.user_api_key_project_id or None,
        row.organization_id or meta.user_api_key_org_id or None,
        (meta.batch_successful_requests if is_batch else None) or 1,
        status_name(row.status or meta.status),
        (fault and fault.error_class) or None,
        row.prompt_tokens,
        row.completion_tokens,
        row.total_tokens,
        reported_details(usage),
        None if cost is None else exact_amount(cost, "spend"),
        is_cache_hit,
        not usage.keys() <= KNOWN_FIELDS and has_unknown_tokens(usage, KNOWN_FIELDS),
        *map(usage.get, PATHS),
    )


def _natural_key(row: SpendLog, meta: Metadata, request_id: str) -> str:
    """The key of a cache hit: row and payload give its id two different time stamps."""
    return row.litellm_call_id or meta.litellm_call_id or request_id


def _metadata(metadata: Metadata | str | None) -> Metadata:
    """Metadata, also where it arrives as JSON text in JSON, once or more often."""
    try:
        while isinstance(metadata, str):
            metadata = METADATA.decode(metadata) if metadata else None
    except RECORD_ERRORS as error:
        raise FieldError("metadata", "JSON text that is not a metadata object") from error
    return metadata or Metadata()


def _time(moment: str | int | float | None, column_name: str) -> datetime | None:
    if not moment:
        return None
    try:
        if isinstance(moment, str):
            return parse_utc(moment, "UTC")  # LiteLLM documents times without an offset as UTC
        return from_epoch(moment, "s")
    except TimestampError as error:
        raise FieldError(column_name, str(error), error.reason_code) from error


def route_of(model: str | None) -> str | None:
    """What stands before the slash of a model."""
    return model.partition("/")[0] if model and "/" in model else None


def operation_name(call_type: str | None) -> str | None:
    """The canonical name of an operation, whether it was awaited or not."""
    if not call_type:
        return None
    return OPERATIONS.get(call_type) or OPERATIONS.get(call_type.removeprefix("a"), "other")


def status_name(status: str | None) -> str:
    """The canonical name of a status."""
    return status if status in ("success", "failure") else "unknown"
