"""Rows of Vertex AI's log, or generateContent bodies, translated a column at a time.

The values are those of vertex_record.translate, which tests hold them to.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import polars as pl

from ingest.formats.call_columns import Calls, call_columns, calls_of
from ingest.formats.count_lists import (
    NULL,
    CountLists,
    count_columns,
    shapes_of,
)
from ingest.formats.plain_events import event_types
from ingest.formats.usage_rows import text_tag
from ingest.formats.vertex_bodies import NO_RESPONSE, PlainResponse, PlainRow, plain_responses
from ingest.formats.vertex_classes import CLASS_STEPS
from ingest.formats.vertex_counts import add_usages
from ingest.formats.vertex_record import (
    Request,
    error_of,
    labels_of,
    named,
)
from ingest.formats.vertex_steps import CONCLUDED, READ, FileFacts, sampling_ratio, started_at
from ingest.formats.vertex_usage import KNOWN
from ingest.records import RECORD_ERRORS

CALL_TYPES: Final = event_types(
    "request_model",
    "response_model",
    "deployment_name",
    "operation_name",
    "is_stream",
    "region_name",
    "project_id",
    "service_tier",
    "error_type",
    "finish_reason",
)
TYPES: Final = event_types(
    "line_number",
    "natural_key",
    "request_id",
    "started_at",
    "provider_name",
    *CALL_TYPES,
    "team_id",
    "status",
    "sampling_ratio",
    "uncached_input_tokens",
    "uncached_audio_input_tokens",
    "uncached_image_input_tokens",
    "uncached_video_input_tokens",
    "cache_read_input_tokens",
    "cache_read_audio_input_tokens",
    "cache_read_image_input_tokens",
    "cache_read_video_input_tokens",
    "tool_use_input_tokens",
    "other_output_tokens",
    "reasoning_output_tokens",
    "audio_output_tokens",
    "image_output_tokens",
    "reported_input_tokens",
    "reported_output_tokens",
    "reported_total_tokens",
    "reported_details",
    "reported_input_semantics",
    "quality_flags",
)
CALLS: Final = "calls"
COUNTS: Final = "counts"
TEXTS: Final = ("natural_key", "request_id", "logged_at", "created_at", "team_id")
TRUTHS: Final = (
    "is_row",
    "is_logged",
    "is_vertex",
    "has_failed",
    "has_answer",
    "has_usage",
    "tells_cache_kinds",
)
REQUESTS: Final = msgspec.json.Decoder(list[Request | str | None])


def values(rows: Sequence[PlainRow], facts: FileFacts) -> Mapping[str, list[Any]]:
    """What `columns` needs of decoded records."""
    texts = [row.full_response for row in rows]
    are_rows = [
        row.logging_time is not None or text != NULL for row, text in zip(rows, texts, strict=True)
    ]
    responses: Sequence[PlainResponse | None] = plain_responses(texts)
    if not all(are_rows):
        responses = [
            response if is_row else row
            for response, is_row, row in zip(responses, are_rows, rows, strict=True)
        ]
    told = [response or NO_RESPONSE for response in responses]
    usages = [response.usage_metadata or {} for response in told]
    ids = [str(row.request_id) if row.request_id else None for row in rows]
    keys = [one.response_id or other for one, other in zip(told, ids, strict=True)]
    counts = CountLists(len(rows), KNOWN)
    counts.odd.update(place for place, response in enumerate(responses) if response is None)
    with_cache_kinds = set(add_usages(counts, shapes_of(range(len(rows)), usages)))
    return {
        CALLS: [_calls(rows, told, usages)],
        COUNTS: [counts],
        "natural_key": keys,
        "request_id": [one or other for one, other in zip(ids, keys, strict=True)],
        "logged_at": [
            time if isinstance(time, str) else None for time in [row.logging_time for row in rows]
        ],
        "created_at": [one.create_time or None for one in told],
        "team_id": _teams(rows, facts.team_tag) if facts.team_tag else [None] * len(rows),
        "is_row": are_rows,
        "is_logged": [row.logging_time is not None for row in rows],
        "is_vertex": [
            is_row or "trafficType" in usage for is_row, usage in zip(are_rows, usages, strict=True)
        ],
        "has_failed": [one.error is not None for one in told],
        "has_answer": [bool(one.usage_metadata or one.candidates) for one in told],
        "has_usage": [bool(usage) for usage in usages],
        "tells_cache_kinds": [place in with_cache_kinds for place in range(len(rows))],
    }


def columns(values: Mapping[str, list[Any]], facts: FileFacts) -> pl.DataFrame:
    """The columns of TYPES but line_number, and IS_PLAIN: False where translate must decide."""
    frame = pl.DataFrame(
        [pl.Series(name, values[name], pl.String()) for name in TEXTS]
        + [pl.Series(name, values[name], pl.Boolean()) for name in TRUTHS]
    )
    frame = frame.hstack(call_columns(values[CALLS], _named, CALL_TYPES))
    frame = frame.hstack(count_columns(values[COUNTS], KNOWN))
    for step in (*READ, (started_at(facts), sampling_ratio(facts)), *CLASS_STEPS, CONCLUDED):
        frame = frame.with_columns(*step)
    return frame


def _calls(
    rows: Sequence[PlainRow], told: Sequence[PlainResponse], usages: Sequence[Mapping[str, Any]]
) -> Calls:
    traffic = [usage.get("trafficType") for usage in usages]
    return calls_of(
        [row.endpoint for row in rows],
        [row.model for row in rows],
        [row.deployed_model_id for row in rows],
        [row.api_method for row in rows],
        [one.model_version for one in told],
        [one if isinstance(one, str) else None for one in traffic],
        [None if one.error is None else error_of(one.error) for one in told],
        [one.candidates[0].finish_reason if one.candidates else None for one in told],
    )


def _named(*call: str | None) -> tuple[object, ...]:
    """The values of CALL_TYPES."""
    *names, traffic, error, reason = call
    return (*named(*names).values(), traffic, error, reason)


def _teams(rows: Sequence[PlainRow], team_tag: str) -> list[str | None]:
    texts = [row.full_request for row in rows]
    try:
        found = REQUESTS.decode(b"[%b]" % b",".join(texts))
    except RECORD_ERRORS:
        return [text_tag(labels_of(text), team_tag) for text in texts]
    return [
        text_tag(one.labels if isinstance(one, Request) else one and labels_of(text), team_tag)
        for one, text in zip(found, texts, strict=True)
    ]
