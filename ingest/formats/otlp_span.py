"""One span of one model call, in canonical columns."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import polars as pl

from ingest.formats.event_batches import event_frame, row_columns
from ingest.formats.otlp_attributes import KNOWN_FIELDS, Attribute, Attributes
from ingest.formats.otlp_tokens import COUNTS, Origin, semantics_of, with_totals
from ingest.formats.provider_names import provider_of
from ingest.formats.record_rows import Row
from ingest.records import FieldError
from ingest.times import from_epoch

# Agents, tools and workflows repeat what the model calls below them used.
OPERATIONS: Final = {
    "chat": "chat",
    "text_completion": "chat",
    "generate_content": "chat",
    "embeddings": "embeddings",
}
# Before operations had names: OpenLLMetry's request types.
OLD_OPERATIONS: Final = {"chat": "chat", "completion": "chat", "embedding": "embeddings"}
SERVER_SPAN: Final = "llm_request"  # vLLM's, which names neither operation nor model
SERVER: Final = 2
FAILED: Final = 2
TRACE_ID: Final = re.compile("[0-9a-f]{32}")
FLAGS: Final = ("inferred_semantics", "server_span", "inferred_model", "unknown_token_field")
SPAN_ID: Final = re.compile("[0-9a-f]{16}")


class _Status(msgspec.Struct):
    code: int | str | None = None


class Span(msgspec.Struct):
    """The fields of a span that are read; its events may hold prompts and are not."""

    traceId: str | None = None  # noqa: N815 - the protocol's names
    spanId: str | None = None  # noqa: N815
    parentSpanId: object = None  # noqa: N815 - a broken one loses no model call
    name: str | None = None
    kind: int | str | None = None
    startTimeUnixNano: int | str | None = None  # noqa: N815
    endTimeUnixNano: int | str | None = None  # noqa: N815
    attributes: list[Attribute] | None = None
    status: _Status | None = None


SPAN: Final = msgspec.json.Decoder(Span)


def translate(number: int, span: Span, origin: Origin) -> Row | None:
    """The event of a span; None for a span that is no model call.

    Raises:
        FieldError, msgspec.MsgspecError, UnicodeDecodeError, TimestampError: The span is broken,
            or uses tokens without saying for what.
    """
    found = Attributes(span.attributes)
    operation = _operation(span, found)
    if operation is None:
        return None
    trace_id, span_id = ids_of(span)
    is_server = is_of_server(span)
    provider = provider_of(found.text("gen_ai.provider.name", "gen_ai.system"))
    if provider is None and is_server:
        provider = "self_hosted"
    counts = found.token_counts()
    model = found.text("gen_ai.response.model")
    is_named_by_service = is_server and not model and not found.text("gen_ai.request.model")
    fault = found.text("error.type")
    is_failed = fault is not None or (
        span.status is not None and span.status.code in (FAILED, "STATUS_CODE_ERROR")
    )
    semantics, is_guess = semantics_of(counts, provider, origin)
    return {
        "line_number": number,
        "natural_key": f"{trace_id} {span_id}",
        **_times(span, found),
        "request_id": found.text("gen_ai.response.id", "gen_ai.request.id"),
        "session_id": found.text("gen_ai.conversation.id"),
        "trace_id": trace_id,
        "provider_name": provider,
        "request_model": found.text("gen_ai.request.model"),
        "response_model": origin.service_name if is_named_by_service else model,
        "deployment_name": origin.service_name if is_server else None,
        "project_id": None if is_server else origin.service_name,
        "operation_name": operation,
        "service_tier": found.text("openai.response.service_tier", "openai.request.service_tier"),
        "is_stream": found.flag("gen_ai.request.stream"),
        "status": "failure" if is_failed else "success",
        "error_type": fault,
        "finish_reason": ",".join(found.texts("gen_ai.response.finish_reasons")) or None,
        "reported_input_semantics": semantics,
        "inferred_semantics": is_guess,
        "server_span": is_server,
        "inferred_model": is_named_by_service,
        "counts": counts,
    }


def ids_of(span: Span) -> tuple[str, str]:
    """The ids of its trace and of itself, in lower-case hex.

    Raises:
        FieldError: One of them is missing or broken.
    """
    return _id(span.traceId, "traceId", TRACE_ID), _id(span.spanId, "spanId", SPAN_ID)


def is_of_server(span: Span) -> bool:
    """Whether who answers recorded it, not who asks."""
    return span.kind in (SERVER, "SPAN_KIND_SERVER")


def parent_of(span: Span) -> str | None:
    """The id of the span that called it; None where there is none, or no proper one."""
    found = span.parentSpanId.lower() if isinstance(span.parentSpanId, str) else ""
    return found if SPAN_ID.fullmatch(found) and found.strip("0") else None


def start_of(span: Span) -> datetime:
    """When it began, in UTC.

    Raises:
        FieldError, TimestampError: It does not tell, or tells what is no time.
    """
    if span.startTimeUnixNano in (None, 0, "0", ""):
        raise FieldError("startTimeUnixNano", "missing", "missing_value")
    return from_epoch(span.startTimeUnixNano or 0, "ns")


def event_columns(rows: Sequence[Row]) -> pl.DataFrame:
    """The columns that event_batches takes."""
    columns = row_columns(rows)
    counts = columns.pop("counts")
    return with_totals(event_frame(columns, counts, COUNTS, KNOWN_FIELDS))


def _operation(span: Span, found: Attributes) -> str | None:
    stated = found.text("gen_ai.operation.name")
    if stated is not None:
        return OPERATIONS.get(stated)
    older = OLD_OPERATIONS.get(found.text("llm.request.type") or "")
    is_server_span = span.name == SERVER_SPAN or found.text("gen_ai.request.id") is not None
    if older is not None or (is_server_span and found.token_counts()):
        return older or "chat"
    if span.name == SERVER_SPAN:
        return "chat"
    if any(found.token_counts().values()):
        raise FieldError(
            "gen_ai.operation.name",
            "a span with tokens does not name its operation",
            "no_operation",
        )
    return None


def _id(text: str | None, column: str, pattern: re.Pattern[str]) -> str:
    """An id in lower-case hex; OTLP's zeros mean that there is none."""
    found = (text or "").lower()
    if not pattern.fullmatch(found) or not found.strip("0"):
        raise FieldError(column, "not an id in hex", "bad_value" if text else "missing_value")
    return found


def _times(span: Span, found: Attributes) -> dict[str, datetime | None]:
    started = start_of(span)
    ended = from_epoch(span.endTimeUnixNano or 0, "ns")
    waited = found.seconds(
        "gen_ai.response.time_to_first_chunk", "gen_ai.latency.time_to_first_token"
    )
    first = None if waited is None else started + timedelta(seconds=waited)
    return {
        "started_at": started,
        # A span that did not end, or whose clock went back.
        "ended_at": ended if ended >= started else None,
        "first_token_at": first if first is not None and first <= ended else None,
    }
