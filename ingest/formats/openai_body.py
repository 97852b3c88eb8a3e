"""One answer of OpenAI's chat completions, responses or embeddings, in canonical columns.

Choices and outputs hold what a model said; of them only the finish reason is decoded.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import polars as pl

from ingest.formats.count_columns import detail_columns, part_columns
from ingest.formats.provider_frames import usage_columns
from ingest.quality_flags import flag_texts
from ingest.records import FieldError
from ingest.times import from_epoch
from ingest.tokens import INPUT_MODALITIES, OUTPUT_PARTS, flatten_tokens

OPERATIONS: Final = {"response": "responses", "list": "embeddings"}
STATUSES: Final = {
    "completed": "success",
    "incomplete": "success",  # the answer was cut by a limit, its tokens are charged
    "failed": "failure",
    "cancelled": "aborted",
}
CHUNK: Final = "chat.completion.chunk"
NO_TIME: Final = "no time: write the day into the file's name, as in 2026-11-20_output.jsonl"
# Chat's name and the responses' name of the same total and of its details.
INPUT: Final = ("prompt_tokens", "input_tokens")
OUTPUT: Final = ("completion_tokens", "output_tokens")
INPUT_DETAILS: Final = tuple(f"{name}_details." for name in INPUT)
OUTPUT_DETAILS: Final = tuple(f"{name}_details." for name in OUTPUT)
# Part of split_tokens -> paths in the usage object; the first that is reported counts.
PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "input_total": INPUT,
    "input_cache_read": tuple(f"{at}cached_tokens" for at in INPUT_DETAILS),
    "input_cache_write": tuple(f"{at}cache_write_tokens" for at in INPUT_DETAILS),
    **{
        f"input_cache_write_{life}": tuple(
            f"{at}cache_write_tokens_details.ttl_{life}_tokens" for at in INPUT_DETAILS
        )
        for life in ("30m", "12h")
    },
    **{
        f"input_{kind}": tuple(f"{at}{kind}_tokens" for at in INPUT_DETAILS)
        for kind in INPUT_MODALITIES
    },
    "output_total": OUTPUT,
    **{
        f"output_{part}": tuple(f"{at}{part}_tokens" for at in OUTPUT_DETAILS)
        for part in OUTPUT_PARTS
    },
}
# Not classes of their own: text is what is left, accepted predictions are part of the answer.
UNSPLIT: Final = (
    "total_tokens",
    *(f"{at}text_tokens" for at in (*INPUT_DETAILS, *OUTPUT_DETAILS)),
    *(f"{at}accepted_prediction_tokens" for at in OUTPUT_DETAILS),
)
COUNTS: Final = {**PARTS, "reported_total_tokens": ("total_tokens",)}
KNOWN_FIELDS: Final = frozenset((*UNSPLIT, *(path for paths in PARTS.values() for path in paths)))

SAME: Final = {
    "grain": pl.lit("request"),
    "provider_name": pl.lit("openai"),
    "request_count": pl.lit(1, pl.Int64()),
    "reported_input_semantics": pl.lit("inclusive"),
    "request_id": pl.col("natural_key"),
    "reported_input_tokens": pl.col("input_total"),
    "reported_output_tokens": pl.col("output_total"),
}
SUMS: Final = pl.sum_horizontal("input_total", "output_total")
# Columns of their own until the flags are joined.
OWN_FLAGS: Final = ("no_timestamp", "partial_stream", "unknown_token_field")
FLAGS: Final = flag_texts(
    {
        "no_timestamp": pl.col("no_timestamp"),
        "no_model": pl.col("response_model").is_null(),
        "residual": pl.col("reported_total_tokens") != SUMS,
        "partial_stream": pl.col("partial_stream"),
        "unknown_token_field": pl.col("unknown_token_field"),
    }
)


class Choice(msgspec.Struct, gc=False):
    """One of several answers; what it says is not read."""

    finish_reason: str | None = None


class Fault(msgspec.Struct, gc=False):
    """The code of an error; its message may hold a prompt and is not read."""

    code: str | int | None = None
    type: str | None = None


class Incomplete(msgspec.Struct, gc=False):
    """Why an answer was cut."""

    reason: str | None = None


class BodyBase(msgspec.Struct, gc=False, kw_only=True):
    """Fields of an answer that have one form; each can be absent."""

    id: str | None = None
    object: str | None = None
    model: str | None = None
    service_tier: str | None = None
    status: str | None = None
    choices: list[Choice] | None = None
    incomplete_details: Incomplete | None = None
    error: Fault | str | None = None


class Body(BodyBase, gc=False, kw_only=True):
    """An answer; the batch interface also wraps errors in bodies."""

    created: int | float | None = None
    created_at: int | float | None = None
    completed_at: int | float | None = None
    usage: dict[str, Any] | None = None


class Answer(msgspec.Struct, gc=False):
    """What is told of an answer one by one; answer_frame tells the rest."""

    line_number: int
    natural_key: str
    body: Body
    counts: dict[str, int]
    own_time: datetime | None
    started_at: datetime
    ended_at: datetime | None
    is_batch: bool | None
    has_failed: bool
    error_type: str | None


def answer_of(number: int, body: Body, natural_key: str, day: datetime | None = None) -> Answer:
    """An answer; without a time of its own it is placed at the start of `day`.

    Raises:
        FieldError: A token count is not one, or there is no time.
        TimestampError: A time is not one.
    """
    counts = flatten_tokens(body.usage or {})
    created = body.created if body.created is not None else body.created_at
    own_time = from_epoch(created, "s") if created else None
    started_at = own_time or day
    if started_at is None:
        raise FieldError("created", NO_TIME, "no_timestamp")
    return Answer(
        line_number=number,
        natural_key=natural_key,
        body=body,
        counts=counts,
        own_time=own_time,
        started_at=started_at,
        ended_at=None if body.completed_at is None else from_epoch(body.completed_at, "s"),
        is_batch=None,
        has_failed=bool(body.error),
        error_type=error_type(body.error),
    )


def answer_frame(answers: Sequence[Answer]) -> pl.DataFrame:
    """The columns that provider_frames.usage_batch takes."""
    bodies = [one.body for one in answers]
    counts = [one.counts for one in answers]
    columns: dict[str, list[Any]] = {
        "line_number": [one.line_number for one in answers],
        "natural_key": [one.natural_key for one in answers],
        "started_at": [one.started_at for one in answers],
        "ended_at": [one.ended_at for one in answers],
        "response_model": [body.model or None for body in bodies],
        "operation_name": [operation_name(body.object) for body in bodies],
        "service_tier": [body.service_tier or None for body in bodies],
        "is_batch": [one.is_batch for one in answers],
        "is_stream": [True if body.object == CHUNK else None for body in bodies],
        "status": [
            "failure" if one.has_failed else status_name(one.body.status) for one in answers
        ],
        "error_type": [one.error_type for one in answers],
        "finish_reason": [finish_reason(body) for body in bodies],
        "no_timestamp": [one.own_time is None for one in answers],
        "partial_stream": [one.body.object == CHUNK and not one.counts for one in answers],
    }
    frame = pl.DataFrame(
        [
            *usage_columns(columns),
            *part_columns(counts, COUNTS),
            *detail_columns(counts, KNOWN_FIELDS),
        ]
    )
    return frame.with_columns(FLAGS, **SAME).drop(OWN_FLAGS)


def operation_name(kind: str | None) -> str | None:
    """The canonical name of an operation, by the kind of object that answered."""
    return OPERATIONS.get(kind, "chat") if kind else None


def status_name(status: str | None) -> str:
    """The canonical name of a status; chat states none."""
    return "success" if status is None else STATUSES.get(status, "unknown")


def error_type(error: Fault | str | None) -> str | None:
    """The code or class of an error, never its message."""
    if not isinstance(error, Fault):
        return None
    return str(error.code) if error.code else error.type or None


def finish_reason(body: BodyBase) -> str | None:
    """Why an answer ended: the first reason that it gives."""
    if body.incomplete_details is not None:
        return body.incomplete_details.reason or None
    for one in body.choices or ():
        if one.finish_reason:
            return one.finish_reason
    return None
