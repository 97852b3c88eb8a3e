"""OpenAI's answers in their plain form, translated a column at a time.

The values are those of openai_body, which tests hold them to.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import polars as pl

from ingest.formats.openai_body import (
    CHUNK,
    COUNTS,
    FLAGS,
    KNOWN_FIELDS,
    OWN_FLAGS,
    SAME,
    error_type,
    finish_reason,
    operation_name,
    status_name,
)
from ingest.formats.openai_plain import (
    NO_INPUT,
    NO_LIFETIMES,
    NO_OUTPUT,
    NO_USAGE,
    Input,
    Lifetimes,
    Output,
    PlainBody,
)
from ingest.formats.plain_records import IS_PLAIN, Values
from ingest.formats.plain_seconds import micros
from ingest.formats.provider_frames import USAGE_TYPES
from ingest.formats.value_columns import MICROSECOND, each, null_column
from ingest.schema import TIMESTAMP
from ingest.times import EPOCH
from ingest.tokens import details_json

Counts = dict[str, list[int | None]]

INPUT_FIELDS: Final = (
    *(name for name in Input.__struct_fields__ if name != "cache_write_tokens_details"),
    *(f"cache_write_tokens_details.{name}" for name in Lifetimes.__struct_fields__),
)
# What `values` gives, under the names of columns or for them.
VALUE_TYPES: Final[Mapping[str, pl.DataType]] = {
    **dict.fromkeys(
        (
            "natural_key",
            "response_model",
            "operation_name",
            "service_tier",
            "status",
            "error_type",
            "finish_reason",
            "other_details",
        ),
        pl.String(),
    ),
    **dict.fromkeys(("own_time", "ended_at", *KNOWN_FIELDS), pl.Int64()),
    **dict.fromkeys(("is_chunk", "has_failed", "has_usage", "unknown_token_field"), pl.Boolean()),
}
TYPES: Final[Mapping[str, pl.DataType]] = {
    name: USAGE_TYPES[name]
    for name in (
        "line_number",
        "natural_key",
        "started_at",
        "ended_at",
        "response_model",
        "operation_name",
        "service_tier",
        "is_batch",
        "is_stream",
        "status",
        "error_type",
        "finish_reason",
        *COUNTS,
        "reported_details",
        "quality_flags",
        *(name for name in SAME if name not in COUNTS),
    )
}
# Built once: an expression costs more to build than to evaluate on some thousand rows.
HAS_COUNTS: Final = pl.col("reported_details").is_not_null()
READ: Final = (
    *(pl.coalesce(*paths).alias(name) for name, paths in COUNTS.items()),
    pl.col("own_time").is_null().alias("no_timestamp"),
    pl.when("is_chunk").then(pl.lit(value=True)).alias("is_stream"),
    pl.when("has_failed").then(pl.lit("failure")).otherwise("status").alias("status"),
    (pl.col("is_chunk") & ~HAS_COUNTS).alias("partial_stream"),
    pl.all_horizontal(
        pl.col("natural_key").is_not_null(),
        pl.col("started_at").is_not_null(),
        pl.col("has_usage") | HAS_COUNTS,
    ).alias(IS_PLAIN),
    pl.col("started_at").cast(TIMESTAMP),
    pl.col("ended_at").cast(TIMESTAMP),
)


def values(bodies: Sequence[PlainBody]) -> Mapping[str, list[Any]]:
    """What `columns` needs of decoded answers."""
    errors = [body.error for body in bodies]
    others = [body.other_counts for body in bodies]
    objects = [body.object for body in bodies]
    return {
        "natural_key": [body.id or None for body in bodies],
        "own_time": _own_times(bodies),
        "ended_at": [None if (t := body.completed_at) is None else micros(t) for body in bodies],
        "response_model": [body.model or None for body in bodies],
        "operation_name": each(operation_name, objects),
        "service_tier": [body.service_tier or None for body in bodies],
        "is_chunk": [kind == CHUNK for kind in objects],
        "status": each(status_name, [body.status for body in bodies]),
        "has_failed": [bool(error) for error in errors],
        "error_type": [None if error is None else error_type(error) for error in errors],
        "finish_reason": [finish_reason(body) for body in bodies],
        "other_details": [None if one is None else one.details for one in others],
        "unknown_token_field": [one is not None and one.is_unknown for one in others],
        # A batch's answer without counts has failed where its usage is an empty object.
        "has_usage": [True] * len(bodies),
        **_counts(bodies),
    }


def columns(values: Values, *, is_batch: bool | None, day: datetime | None) -> pl.DataFrame:
    """The columns of TYPES but line_number, and IS_PLAIN: False where answer_of must decide.

    Args:
        values: Of many answers.
        is_batch: What is told of all.
        day: Where an answer without a time is placed, as naive UTC.
    """
    height = len(values["has_usage"])
    frame = pl.DataFrame(
        [
            pl.Series(name, values[name], dtype, strict=True)
            if name in values
            else null_column(name, height, dtype)
            for name, dtype in VALUE_TYPES.items()
        ]
    )
    details = pl.coalesce("other_details", details_json(frame, KNOWN_FIELDS))
    start = pl.lit(None if day is None else (day - EPOCH) // MICROSECOND, pl.Int64())
    return (
        frame.with_columns(
            details.alias("reported_details"),
            pl.coalesce("own_time", start).alias("started_at"),
            pl.lit(is_batch, pl.Boolean()).alias("is_batch"),
        )
        .with_columns(*READ)
        .with_columns(FLAGS, **SAME)
        .drop(OWN_FLAGS)
    )


def _own_times(bodies: Sequence[PlainBody]) -> list[int | None]:
    times = [body.created if body.created is not None else body.created_at for body in bodies]
    return [micros(time) if time else None for time in times]


# Comprehensions that name the field take half the time of any that get it by its name.
def _counts(bodies: Sequence[PlainBody]) -> Counts:
    """Counts under their paths."""
    usages = [body.usage or NO_USAGE for body in bodies]
    return {
        "prompt_tokens": [usage.prompt_tokens for usage in usages],
        "completion_tokens": [usage.completion_tokens for usage in usages],
        "total_tokens": [usage.total_tokens for usage in usages],
        "input_tokens": [usage.input_tokens for usage in usages],
        "output_tokens": [usage.output_tokens for usage in usages],
        **_input("prompt_tokens_details.", [usage.prompt_tokens_details for usage in usages]),
        **_input("input_tokens_details.", [usage.input_tokens_details for usage in usages]),
        **_output(
            "completion_tokens_details.", [usage.completion_tokens_details for usage in usages]
        ),
        **_output("output_tokens_details.", [usage.output_tokens_details for usage in usages]),
    }


def _input(at: str, told: Sequence[Input | None]) -> Counts:
    if not any(told):
        return {at + name: [None] * len(told) for name in INPUT_FIELDS}
    inputs = [one or NO_INPUT for one in told]
    lifetimes = [one.cache_write_tokens_details or NO_LIFETIMES for one in inputs]
    return {
        at + "cached_tokens": [one.cached_tokens for one in inputs],
        at + "cache_write_tokens": [one.cache_write_tokens for one in inputs],
        at + "cache_write_tokens_details.ttl_30m_tokens": [one.ttl_30m_tokens for one in lifetimes],
        at + "cache_write_tokens_details.ttl_12h_tokens": [one.ttl_12h_tokens for one in lifetimes],
        at + "audio_tokens": [one.audio_tokens for one in inputs],
        at + "image_tokens": [one.image_tokens for one in inputs],
        at + "video_tokens": [one.video_tokens for one in inputs],
        at + "text_tokens": [one.text_tokens for one in inputs],
    }


def _output(at: str, told: Sequence[Output | None]) -> Counts:
    if not any(told):
        return {at + name: [None] * len(told) for name in Output.__struct_fields__}
    outputs = [one or NO_OUTPUT for one in told]
    return {
        at + "reasoning_tokens": [one.reasoning_tokens for one in outputs],
        at + "audio_tokens": [one.audio_tokens for one in outputs],
        at + "image_tokens": [one.image_tokens for one in outputs],
        at + "rejected_prediction_tokens": [one.rejected_prediction_tokens for one in outputs],
        at + "accepted_prediction_tokens": [one.accepted_prediction_tokens for one in outputs],
        at + "text_tokens": [one.text_tokens for one in outputs],
    }
