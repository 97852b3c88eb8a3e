"""Anthropic's answers in their plain form, translated a column at a time.

The values are those of anthropic_message, which tests hold them to.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from ingest.formats.anthropic_message import FLAGS, OWN_FLAGS, SAME, STREAM_START
from ingest.formats.anthropic_plain import (
    NO_LIFETIMES,
    NO_OUTPUT,
    NO_TOOLS,
    NO_USAGE,
    PlainEnvelope,
    PlainMessage,
    PlainUsage,
    message_of,
)
from ingest.formats.anthropic_usage import COUNTS, KNOWN_FIELDS, PROVIDERS, with_totals
from ingest.formats.plain_records import IS_PLAIN, Values
from ingest.formats.plain_seconds import micros
from ingest.formats.provider_frames import USAGE_TYPES
from ingest.formats.value_columns import MICROSECOND, null_column
from ingest.schema import TIMESTAMP
from ingest.times import EPOCH, plain_utc
from ingest.tokens import details_json

Moment = str | int | float | None

# Counts that are told though they are no tokens.
TOOLS: Final = ("server_tool_use.web_search_requests", "server_tool_use.web_fetch_requests")
TOLD: Final = (*KNOWN_FIELDS, *TOOLS)
# What `values` gives, under the names of columns or for them.
VALUE_TYPES: Final[Mapping[str, pl.DataType]] = {
    **dict.fromkeys(
        (
            "natural_key",
            "provider_name",
            "response_model",
            "inference_geo",
            "service_tier",
            "speed",
            "error_type",
            "finish_reason",
            "written_time",
            "other_details",
        ),
        pl.String(),
    ),
    **dict.fromkeys(("counted_time", *TOLD), pl.Int64()),
    **dict.fromkeys(("has_failed", "partial_stream", "unknown_token_field"), pl.Boolean()),
}
TYPES: Final[Mapping[str, pl.DataType]] = {
    name: USAGE_TYPES[name]
    for name in (
        "line_number",
        "natural_key",
        "started_at",
        "request_id",
        "provider_name",
        "response_model",
        "region_name",
        "service_tier",
        "is_batch",
        "request_count",
        "status",
        "error_type",
        "finish_reason",
        *COUNTS,
        "reported_details",
        "input_total",
        "reported_output_tokens",
        "reported_input_semantics",
        "quality_flags",
        *SAME,
    )
}
# Built once: an expression costs more to build than to evaluate on some thousand rows.
WRITTEN: Final = {
    is_naive_utc: plain_utc("written_time", is_naive_utc=is_naive_utc)
    for is_naive_utc in (False, True)
}
COUNTED: Final = pl.col("counted_time").cast(TIMESTAMP)
READ: Final = (
    *(pl.col(path).alias(name) for name, (path,) in COUNTS.items()),
    pl.col("natural_key").alias("request_id"),
    pl.when(pl.col("inference_geo") != "not_available").then("inference_geo").alias("region_name"),
    (pl.col("service_tier") == "batch").alias("is_batch"),
    pl.when((pl.col("speed") == "fast").fill_null(value=False))
    .then(pl.lit("fast"))
    .otherwise("service_tier")
    .alias("service_tier"),
    pl.lit(1, pl.Int64()).alias("request_count"),
    pl.when("has_failed")
    .then(pl.lit("failure"))
    .when(pl.col("finish_reason").is_not_null())
    .then(pl.lit("success"))
    .otherwise(pl.lit("unknown"))
    .alias("status"),
    pl.all_horizontal(
        pl.col("natural_key").is_not_null(),
        pl.col("started_at").is_not_null(),
        pl.col("own_time").is_not_null() | pl.col("written_time").is_null(),
    ).alias(IS_PLAIN),
    pl.col("own_time").is_null().alias("no_timestamp"),
)


def values(rows: Sequence[PlainEnvelope]) -> Mapping[str, list[Any]]:
    """What `columns` needs of decoded answers."""
    messages = [message_of(row) for row in rows]
    usages = [message.usage or NO_USAGE for message in messages]
    others = [message.other_counts for message in messages]
    errors = [message.error for message in messages]
    moments = _moments(rows, messages)
    ids = [message.id for message in messages]
    return {
        "natural_key": [message.id or message.request_id or None for message in messages],
        "written_time": [time if type(time) is str else None for time in moments],
        "counted_time": [
            None if time is None or isinstance(time, str) else micros(time) for time in moments
        ],
        "provider_name": [
            PROVIDERS.get(one[:9], "anthropic") if one else "anthropic" for one in ids
        ],
        "response_model": [message.model or None for message in messages],
        "inference_geo": [usage.inference_geo or None for usage in usages],
        "service_tier": [usage.service_tier or None for usage in usages],
        "speed": [usage.speed for usage in usages],
        "has_failed": [error is not None for error in errors],
        "error_type": [None if error is None else error.type for error in errors],
        "finish_reason": [message.stop_reason or None for message in messages],
        "partial_stream": [row.type == STREAM_START for row in rows],
        "other_details": [None if one is None else one.details for one in others],
        "unknown_token_field": [one is not None and one.is_unknown for one in others],
        **_counts(usages),
    }


def columns(values: Values, *, is_utc: bool, day: datetime | None) -> pl.DataFrame:
    """The columns of TYPES but line_number, and IS_PLAIN: False where answers_of must decide.

    Args:
        values: Of many answers.
        is_utc: Times without an offset are UTC.
        day: Where an answer without a time is placed, as naive UTC.
    """
    height = len(values["has_failed"])
    frame = pl.DataFrame(
        [
            pl.Series(name, values[name], dtype, strict=True)
            if name in values
            else null_column(name, height, dtype)
            for name, dtype in VALUE_TYPES.items()
        ]
    )
    details = pl.coalesce("other_details", details_json(frame, TOLD))
    start = pl.lit(None if day is None else (day - EPOCH) // MICROSECOND, pl.Int64())
    return (
        with_totals(
            frame.with_columns(
                details.alias("reported_details"),
                pl.coalesce(WRITTEN[is_utc], pl.col("counted_time").cast(TIMESTAMP)).alias(
                    "own_time"
                ),
            )
            .with_columns(pl.coalesce("own_time", start.cast(TIMESTAMP)).alias("started_at"))
            .with_columns(*READ)
        )
        .with_columns(FLAGS, **SAME)
        .drop(OWN_FLAGS)
    )


def _moments(rows: Sequence[PlainEnvelope], messages: Sequence[PlainMessage]) -> list[Moment]:
    """When answers were given: told by themselves, or else beside them."""
    inner = [m.timestamp if m.timestamp is not None else m.created_at for m in messages]
    outer = [row.timestamp if row.timestamp is not None else row.created_at for row in rows]
    return [
        own if own is not None and own != "" else (None if beside == "" else beside)
        for own, beside in zip(inner, outer, strict=True)
    ]


# Comprehensions that name the field take half the time of any that get it by its name.
def _counts(usages: Sequence[PlainUsage]) -> dict[str, list[int | None]]:
    """Counts under their paths."""
    lifetimes = [usage.cache_creation or NO_LIFETIMES for usage in usages]
    outputs = [usage.output_tokens_details or NO_OUTPUT for usage in usages]
    tools = [usage.server_tool_use or NO_TOOLS for usage in usages]
    return {
        "input_tokens": [usage.input_tokens for usage in usages],
        "output_tokens": [usage.output_tokens for usage in usages],
        "cache_read_input_tokens": [usage.cache_read_input_tokens for usage in usages],
        "cache_creation_input_tokens": [usage.cache_creation_input_tokens for usage in usages],
        "cache_creation.ephemeral_5m_input_tokens": [
            one.ephemeral_5m_input_tokens for one in lifetimes
        ],
        "cache_creation.ephemeral_1h_input_tokens": [
            one.ephemeral_1h_input_tokens for one in lifetimes
        ],
        "output_tokens_details.thinking_tokens": [one.thinking_tokens for one in outputs],
        "server_tool_use.web_search_requests": [one.web_search_requests for one in tools],
        "server_tool_use.web_fetch_requests": [one.web_fetch_requests for one in tools],
    }
