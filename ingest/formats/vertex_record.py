"""One row of Vertex AI's request-response log, or one generateContent body."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingest.formats.usage_rows import Event, Text, text_tag, utc
from ingest.formats.vertex_response import Response, response_of
from ingest.formats.vertex_usage import token_columns
from ingest.records import RECORD_ERRORS, FieldError
from ingest.source import InputFile
from ingest.times import TimestampError, from_epoch

ENDPOINT: Final = re.compile(r"projects/([^/]+)/locations/([^/]+)/(.+)")
# A body does not always say when it was; the file's name may.
NAME_STAMP: Final = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
NULL: Final = msgspec.Raw(b"null")


class Request(msgspec.Struct):
    """Of a request only the labels."""

    labels: dict[str, Any] | None = None


class LogRow(msgspec.Struct):
    """A row of the log's BigQuery table; of a body all of this is absent."""

    endpoint: str | None = None
    deployed_model_id: str | None = None
    logging_time: str | float | None = None
    request_id: str | int | None = None
    model: str | None = None
    api_method: str | None = None
    full_request: msgspec.Raw = NULL
    full_response: msgspec.Raw = NULL


ROW: Final = msgspec.json.Decoder(LogRow)
REQUEST: Final = msgspec.json.Decoder(Request | str | None)


def translate(text: Text, file: InputFile) -> Event:
    """One record's values.

    Args:
        text: A row of the log, or a body alone.
        file: Its options `sampling_rate` (of the log, above 0 to 1) and `team_tag` (the label that
            holds the team), and its name, which may tell the time of a body.
    """
    row = ROW.decode(text)
    is_row = row.logging_time is not None or row.full_response != NULL
    response = response_of(row.full_response if is_row else text)
    columns, flags = token_columns(response.usage_metadata)
    started, time_flags = _started(row, response, file)
    rate = _sampling_rate(file) if is_row else 1.0
    return {
        **_identity(row, response),
        "started_at": started,
        **_place(row, response, is_row=is_row),
        "is_stream": "stream" in row.api_method.casefold() if row.api_method else None,
        "team_id": text_tag(_labels(row.full_request), file.options.get("team_tag")),
        "status": _status(response),
        "error_type": _error(response),
        "finish_reason": _finish_reason(response),
        "sampling_ratio": rate,
        **columns,
        "quality_flags": [*flags, *time_flags, *(["sampled"] if rate < 1 else [])],
    }


def _identity(row: LogRow, response: Response) -> Event:
    request_id = str(row.request_id) if row.request_id else None
    key = response.response_id or request_id
    if key is None:
        raise FieldError("responseId", "neither responseId nor request_id", "missing_value")
    return {"natural_key": key, "request_id": request_id or key}


def _started(row: LogRow, response: Response, file: InputFile) -> tuple[datetime, list[str]]:
    if row.logging_time is not None:
        return _logged(row.logging_time), []
    if response.create_time:
        return utc(response.create_time, "createTime"), []
    if stamp := NAME_STAMP.search(file.path.name):
        text = "{}-{}-{}T{}:{}:{}Z".format(*stamp.groups())
        return utc(text, "createTime"), ["no_timestamp"]
    raise FieldError(
        "createTime",
        "the body does not say when it was; put the time into the file's name, such as "
        "body-20260601T000000Z.json",
        "no_timestamp",
    )


def _logged(time: str | float) -> datetime:
    if isinstance(time, str) and not time.replace(".", "", 1).isdecimal():
        return utc(time.removesuffix(" UTC"), "logging_time")
    try:
        return from_epoch(Decimal(str(time)), "s")
    except TimestampError as error:
        raise FieldError("logging_time", str(error), error.reason_code) from error


def _place(row: LogRow, response: Response, *, is_row: bool) -> Event:
    """Provider, model and where it ran, from the endpoint's path."""
    found = ENDPOINT.fullmatch(row.endpoint or "")
    project, region, path = found.groups() if found else (None, None, "")
    model = row.model or (path.rpartition("/")[2] if "/models/" in path else None)
    usage = response.usage_metadata or {}
    # Only Vertex AI reports the kind of traffic; the Gemini API answers in the same shape.
    is_vertex = is_row or "trafficType" in usage
    traffic = usage.get("trafficType")
    return {
        "provider_name": "gcp.vertex_ai" if is_vertex else "gcp.gemini",
        "request_model": _model_name(model),
        "response_model": _model_name(response.model_version) or _model_name(model),
        "deployment_name": row.deployed_model_id or None,
        "operation_name": _operation(row.api_method),
        "region_name": region,
        "project_id": project,
        "service_tier": traffic if isinstance(traffic, str) else None,
    }


def _model_name(model: str | None) -> str | None:
    return (model.rpartition("/")[2] if model else None) or None


def _operation(method: str | None) -> str:
    if method and "embed" in method.casefold():
        return "embeddings"
    return "chat" if method is None or "generatecontent" in method.casefold() else "other"


def _labels(text: msgspec.Raw) -> dict[str, Any] | None:
    try:
        found: Request | str | None = REQUEST.decode(text)
        while isinstance(found, str):
            found = REQUEST.decode(found) if found else None
    except RECORD_ERRORS:
        return None  # labels are a comfort; the row counts without them
    return found.labels if found else None


def _status(response: Response) -> str:
    if response.error is not None:
        return "failure"
    return "success" if response.usage_metadata or response.candidates else "unknown"


def _error(response: Response) -> str | None:
    fault = response.error
    return None if fault is None else fault.status or (str(fault.code) if fault.code else None)


def _finish_reason(response: Response) -> str | None:
    return response.candidates[0].finish_reason if response.candidates else None


def _sampling_rate(file: InputFile) -> float:
    text = file.options.get("sampling_rate", "1")
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 1:
        raise FieldError("sampling_rate", "the stated rate is not above 0 and at most 1")
    return rate
