"""One Langfuse observation, in any of the three spellings of its exports."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from ingest.formats.langfuse_usage import token_columns
from ingest.formats.record_fields import Fields
from ingest.formats.usage_rows import Event, Text, text_tag, utc
from ingest.records import FieldError, exact_money

# Spans and agents may repeat the usage of the generations inside them.
REQUESTS: Final = {"GENERATION": "chat", "EMBEDDING": "embeddings"}


def translate(text: Text, options: Mapping[str, str]) -> Event | None:
    """One observation's values; None if it is no request to a model.

    Args:
        text: The observation as a JSON object.
        options: `provider_name`, since Langfuse does not report one; `team_tag`, the key of the
            metadata that holds the team.
    """
    row = Fields(text)
    kind = (row.text("type") or "GENERATION").upper()
    if kind not in REQUESTS:
        return None
    key = row.text("id")
    if key is None:
        raise FieldError("id", "missing", "missing_value")
    cost = _cost(row)
    model = row.text("model", "providedModelName", "provided_model_name")
    tag = options.get("team_tag")
    return {
        "natural_key": key,
        "request_id": key,
        **_times(row),
        "session_id": row.text("sessionId", "session_id"),
        "trace_id": row.text("traceId", "trace_id"),
        "provider_name": options.get("provider_name"),
        "gateway_name": "langfuse",
        "request_model": model,
        "response_model": model,
        "operation_name": REQUESTS[kind],
        "user_id": row.text("userId", "user_id"),
        "team_id": text_tag(row.mapping("metadata"), tag) if tag else None,
        "project_id": row.text("projectId", "project_id"),
        "status": "failure" if row.text("level") == "ERROR" else "success",
        "reported_cost_usd": cost,
        "reported_cost_kind": None if cost is None else "gateway_estimate",
        **token_columns(row),
    }


def _times(row: Fields) -> Event:
    started = _time(row, "startTime", "start_time")
    if started is None:
        raise FieldError("startTime", "missing", "missing_value")
    ended = _time(row, "endTime", "end_time")
    first = _time(row, "completionStartTime", "completion_start_time")
    is_stream = first is not None and ended is not None and started <= first < ended
    return {
        "started_at": started,
        "ended_at": ended,
        "first_token_at": first if is_stream else None,
        "is_stream": True if is_stream else None,
    }


def _time(row: Fields, *names: str) -> datetime | None:
    """A time; ClickHouse writes UTC without saying so."""
    text = row.text(*names)
    return None if text is None else utc(text, names[0])


def _cost(row: Fields) -> Decimal | None:
    details: dict[str, Any] = row.mapping("costDetails", "cost_details") or {}
    total = details.get("total")
    try:
        amount = (
            row.number("totalCost", "total_cost", "calculatedTotalCost")
            if total is None
            else Decimal(str(total))
        )
    except ArithmeticError as error:
        raise FieldError("costDetails.total", "not a number") from error
    return None if amount is None else exact_money(amount, "costDetails.total")
