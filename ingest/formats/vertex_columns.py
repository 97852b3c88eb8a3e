"""Rows of Vertex AI's log, or generateContent bodies, translated a column at a time.

The values are those of vertex_record.translate, which tests hold them to.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
import polars as pl

from ingest.formats.call_columns import Calls, call_columns, calls_of
from ingest.formats.count_lists import (
    NULL,
    CountLists,
    Shape,
    count_columns,
    kinds_of,
    shapes_of,
)
from ingest.formats.plain_events import event_types
from ingest.formats.plain_records import IS_PLAIN
from ingest.formats.usage_rows import text_tag
from ingest.formats.vertex_bodies import NO_RESPONSE, Part, PlainResponse, PlainRow, plain_responses
from ingest.formats.vertex_classes import CLASS_STEPS
from ingest.formats.vertex_record import (
    GEMINI,
    VERTEX,
    Request,
    error_of,
    labels_of,
    named,
    sampling_rate,
    stamped_time,
)
from ingest.formats.vertex_usage import KNOWN
from ingest.quality_flags import flag_texts
from ingest.records import RECORD_ERRORS, FieldError
from ingest.schema import TIMESTAMP
from ingest.source import InputFile
from ingest.times import plain_utc

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
CACHE_DETAILS: Final = "cacheTokensDetails"
REQUESTS: Final = msgspec.json.Decoder(list[Request | str | None])
AT, CREATED = pl.col("logged_at"), pl.col("created_at")


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """What a file's name and the options of its source tell of its records.

    Attributes:
        team_tag: The label that holds the team.
        rate: The part of requests that the log holds; None: it cannot be.
        stamped: The time in the file's name; None: it has none.
    """

    team_tag: str | None
    rate: float | None
    stamped: datetime | None


def facts_of(file: InputFile) -> FileFacts:
    """What `values` and `columns` need to know of a file."""
    rate, stamped = None, None
    try:
        stamped = stamped_time(file)
        rate = sampling_rate(file)
    except FieldError:
        pass  # translate rejects the records that need it
    return FileFacts(team_tag=file.options.get("team_tag"), rate=rate, stamped=stamped)


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
    with_cache_kinds = set(_add_usages(counts, shapes_of(range(len(rows)), usages)))
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
    for step in (*READ, (_stamped(facts), _ratio(facts)), *CLASS_STEPS, CONCLUDED):
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


def _add_usages(counts: CountLists, shapes: Sequence[Shape]) -> Iterator[int]:
    """Every token count of usageMetadata, as vertex_usage tells them.

    Yields:
        Places of records that tell cached tokens by modality.
    """
    for shape in shapes:
        for name in shape.keys:
            found = shape.values(name)
            kinds, is_count = kinds_of(found), "token" in name.casefold()
            if "." in name or (list in kinds and len(kinds) > 1):
                counts.set_aside(shape.places, found)
            elif kinds == {list}:
                places = _add_kinds(counts, name, shape.places, found)
                yield from places if name == CACHE_DETAILS else ()
            elif is_count and kinds == {int} and name != CACHE_DETAILS:
                counts.add(name, shape.places, found)
            elif is_count:
                counts.set_aside(shape.places, found)


def _add_kinds(
    counts: CountLists, name: str, places: Sequence[int], lists: Sequence[list[Part] | None]
) -> list[int]:
    """Counts by modality; the places of records that tell any."""
    told: dict[str, dict[int, int]] = {}
    for place, parts in zip(places, lists, strict=True):
        for part in parts or ():
            held = told.get(part.modality)
            if held is None:
                held = told[part.modality] = {}
            if place in held:
                counts.odd.add(place)
            held[place] = part.token_count or 0
    for kind, held in told.items():
        counts.add(f"{name}.{kind}", held.keys(), list(held.values()))
    return [place for held in told.values() for place in held]


def _stamped(facts: FileFacts) -> pl.Expr:
    """The start: the log's time, or the body's, or that of the file's name."""
    return (
        pl.when("is_logged")
        .then("logged_at")
        .when("is_created")
        .then("created_at")
        .otherwise(pl.lit(facts.stamped, TIMESTAMP))
        .alias("started_at")
    )


def _ratio(facts: FileFacts) -> pl.Expr:
    rate = pl.when("is_row").then(pl.lit(facts.rate, pl.Float64())).otherwise(1.0)
    return rate.alias("sampling_ratio")


# Built once: an expression costs more to build than to evaluate on some thousand rows.
WITHOUT_ZONE: Final = AT.str.strip_suffix(" UTC")
MICROS: Final = CREATED.str.slice(20, 6).str.strip_suffix("Z").str.pad_end(6, "0")
READ: Final = (
    (
        pl.when(WITHOUT_ZONE.str.slice(10, 1) == " ")
        .then(pl.concat_str(WITHOUT_ZONE.str.head(10), pl.lit("T"), WITHOUT_ZONE.str.slice(11)))
        .otherwise(WITHOUT_ZONE)
        .alias("logged_at"),
        pl.when(CREATED.str.contains(r"^.{19}\.[0-9]{1,9}Z$"))
        .then(pl.concat_str(CREATED.str.head(20), MICROS, pl.lit("Z")))
        .otherwise(CREATED)
        .alias("created_at"),
        CREATED.is_not_null().alias("is_created"),
    ),
    (
        plain_utc("logged_at", is_naive_utc=True),
        plain_utc("created_at", is_naive_utc=True),
    ),
)
CONCLUDED: Final = (
    pl.when("is_vertex").then(pl.lit(VERTEX)).otherwise(pl.lit(GEMINI)).alias("provider_name"),
    pl.when("has_failed")
    .then(pl.lit("failure"))
    .when("has_answer")
    .then(pl.lit("success"))
    .otherwise(pl.lit("unknown"))
    .alias("status"),
    pl.when("has_usage").then(pl.lit("inclusive")).alias("reported_input_semantics"),
    flag_texts(
        {
            "unknown_token_field": pl.col("unknown_token_field"),
            "residual": pl.col("residual"),
            "inferred_cross": pl.col("inferred_cross"),
            "clamped": pl.col("clamped_input") | pl.col("clamped_output"),
            "no_timestamp": ~pl.col("is_logged") & ~pl.col("is_created"),
            "sampled": pl.col("sampling_ratio") < 1,
        }
    ),
    pl.all_horizontal(
        ~pl.col("is_odd"),
        pl.col("natural_key").is_not_null(),
        pl.col("started_at").is_not_null(),
        pl.col("sampling_ratio").is_not_null(),
        # Which of the two flags comes first depends on the modality.
        ~(pl.col("inferred_cross") & pl.col("clamped_input")),
    ).alias(IS_PLAIN),
)
