"""One row of Vertex AI's request-response log, or one generateContent body."""

import re
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from ingest.formats.usage_rows import Event, Text, text_tag, utc
from ingest.formats.vertex_response import Fault, Response, response_of
from ingest.formats.vertex_usage import token_columns
from ingest.records import RECORD_ERRORS, FieldError
from ingest.source import InputFile
from ingest.times import TimestampError, from_epoch

VERTEX: Final = "gcp.vertex_ai"
GEMINI: Final = "gcp.gemini"
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
    rate = sampling_rate(file) if is_row else 1.0
    usage = response.usage_metadata or {}
    traffic = usage.get("trafficType")
    return {
        **_identity(row, response),
        "started_at": started,
        # Only Vertex AI reports the kind of traffic; the Gemini API answers in the same shape.
        "provider_name": VERTEX if is_row or "trafficType" in usage else GEMINI,
        **named(
            row.endpoint, row.model, row.deployed_model_id, row.api_method, response.model_version
        ),
        "service_tier": traffic if isinstance(traffic, str) else None,
        "team_id": text_tag(labels_of(row.full_request), file.options.get("team_tag")),
        "status": status_of(response),
        "error_type": error_of(response.error),
        "finish_reason": finish_reason(response),
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
    if (stamped := stamped_time(file)) is not None:
        return stamped, ["no_timestamp"]
    raise FieldError(
        "createTime",
        "the body does not say when it was; put the time into the file's name, such as "
        "body-20260601T000000Z.json",
        "no_timestamp",
    )


def stamped_time(file: InputFile) -> datetime | None:
    """The time in a file's name; None without one.

    Raises:
        FieldError: Digits that are no time.
    """
    if stamp := NAME_STAMP.search(file.path.name):
        return utc("{}-{}-{}T{}:{}:{}Z".format(*stamp.groups()), "createTime")
    return None


def _logged(time: str | float) -> datetime:
    if isinstance(time, str) and not time.replace(".", "", 1).isdecimal():
        return utc(time.removesuffix(" UTC"), "logging_time")
    try:
        return from_epoch(Decimal(str(time)), "s")
    except TimestampError as error:
        raise FieldError("logging_time", str(error), error.reason_code) from error


def named(
    endpoint: str | None,
    model: str | None,
    deployed: str | None,
    method: str | None,
    answered: str | None,
) -> Event:
    """What was asked for, where it ran and how, from names alone.

    Args:
        endpoint: Its path holds project, region and perhaps the model.
        model: As the log names it.
        deployed: Id of a model that the user deployed.
        method: Of the API.
        answered: The model as the answer names it.
    """
    found = ENDPOINT.fullmatch(endpoint or "")
    project, region, path = found.groups() if found else (None, None, "")
    asked = model_name(model or (path.rpartition("/")[2] if "/models/" in path else None))
    return {
        "request_model": asked,
        "response_model": model_name(answered) or asked,
        "deployment_name": deployed or None,
        "operation_name": _operation(method),
        "is_stream": "stream" in method.casefold() if method else None,
        "region_name": region,
        "project_id": project,
    }


def model_name(model: str | None) -> str | None:
    """The last part of a model's path."""
    return (model.rpartition("/")[2] if model else None) or None


def _operation(method: str | None) -> str:
    if method and "embed" in method.casefold():
        return "embeddings"
    return "chat" if method is None or "generatecontent" in method.casefold() else "other"


def labels_of(text: msgspec.Raw) -> dict[str, Any] | None:
    """The labels of a request, also where it arrives as JSON text in JSON."""
    try:
        found: Request | str | None = REQUEST.decode(text)
        while isinstance(found, str):
            found = REQUEST.decode(found) if found else None
    except RECORD_ERRORS:
        return None  # labels are a comfort; the row counts without them
    return found.labels if found else None


def status_of(response: Response) -> str:
    """Whether there was an answer, as far as the response tells."""
    if response.error is not None:
        return "failure"
    return "success" if response.usage_metadata or response.candidates else "unknown"


def error_of(fault: Fault | None) -> str | None:
    """The class of an error."""
    return None if fault is None else fault.status or (str(fault.code) if fault.code else None)


def finish_reason(response: Response) -> str | None:
    """Why the first candidate ended."""
    return response.candidates[0].finish_reason if response.candidates else None


def sampling_rate(file: InputFile) -> float:
    """The stated part of requests that the log holds.

    Raises:
        FieldError: Not above 0 and at most 1.
    """
    text = file.options.get("sampling_rate", "1")
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 1:
        raise FieldError("sampling_rate", "the stated rate is not above 0 and at most 1")
    return rate
