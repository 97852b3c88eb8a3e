"""One line of Azure OpenAI's diagnostic log: that a request was, how long, and how it ended."""

from datetime import timedelta
from typing import Final

import msgspec

from ingest.formats.azure_resource import resource_columns
from ingest.formats.usage_rows import Event, Text, later, utc
from ingest.records import RECORD_ERRORS, FieldError
from ingest.times import EPOCH

CATEGORY: Final = "RequestResponse"
# .NET counts 100 ns since the year 1.
TICKS_AT_EPOCH: Final = 621_355_968_000_000_000
LAST_TICKS: Final = 3_155_378_975_999_999_999
OPERATIONS: Final = {
    "chatcompletions": "chat",
    "completions": "chat",
    "embeddings": "embeddings",
    "responses": "responses",
    "images": "image",
    "audio": "audio_stt",
}


class Properties(msgspec.Struct, rename="camel"):
    """The call's own fields."""

    request_time: int | None = None
    response_time: int | None = None
    object_id: str | None = None
    stream_type: str | None = None
    model_deployment_name: str | None = None
    model_name: str | None = None


class LogLine(msgspec.Struct, rename="camel"):
    """The fields that are read; callerIpAddress is not among them."""

    time: str
    correlation_id: str | None = None
    category: str | None = None
    resource_id: str = ""
    operation_name: str | None = None
    duration_ms: float | None = None
    location: str | None = None
    result_signature: str | int | None = None
    properties: Properties | str | None = None


LINE: Final = msgspec.json.Decoder(LogLine)
PROPERTIES: Final = msgspec.json.Decoder(Properties | str | None)


def translate(text: Text) -> Event | None:
    """One line's values; None for a line of another category, such as Audit or Trace."""
    line = LINE.decode(text)
    if line.category not in (None, CATEGORY):
        return None
    if not line.correlation_id:
        raise FieldError("correlationId", "missing", "missing_value")
    call = _properties(line.properties)
    return {
        "natural_key": line.correlation_id,
        "request_id": line.correlation_id,
        **_times(line, call),
        **resource_columns(line.resource_id),
        "request_model": call.model_name or None,
        "response_model": call.model_name or None,
        "deployment_name": call.model_deployment_name or None,
        "operation_name": _operation(line.operation_name),
        "region_name": line.location or None,
        "is_stream": call.stream_type == "Streaming" if call.stream_type else None,
        "user_id": call.object_id or None,
        **_status(line.result_signature),
    }


def _properties(properties: Properties | str | None) -> Properties:
    """The properties, also where they arrive as JSON text in JSON."""
    try:
        while isinstance(properties, str):
            properties = PROPERTIES.decode(properties) if properties else None
    except RECORD_ERRORS as error:
        raise FieldError("properties", "JSON text that is not an object") from error
    return properties or Properties()


def _times(line: LogLine, call: Properties) -> Event:
    """Begin and end; a duration below zero, which Azure writes at times, tells nothing."""
    begin, end = call.request_time, call.response_time
    if begin is None or not TICKS_AT_EPOCH <= begin <= LAST_TICKS:
        started = utc(line.time, "time")
        return {"started_at": started, "ended_at": later(started, line.duration_ms)}
    started = EPOCH + timedelta(microseconds=(begin - TICKS_AT_EPOCH) // 10)
    if end is not None and begin <= end <= LAST_TICKS:
        ended = EPOCH + timedelta(microseconds=(end - TICKS_AT_EPOCH) // 10)
        return {"started_at": started, "ended_at": ended}
    return {"started_at": started, "ended_at": later(started, line.duration_ms)}


def _operation(name: str | None) -> str | None:
    if not name:
        return None
    return OPERATIONS.get(name.partition("_")[0].casefold(), "other")


def _status(signature: str | int | None) -> Event:
    code = str(signature or "")
    if not code:
        return {"status": "unknown"}
    if code.startswith("2"):
        return {"status": "success"}
    return {"status": "failure", "error_type": code[:40]}
