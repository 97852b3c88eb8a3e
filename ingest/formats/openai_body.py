"""One answer of OpenAI's chat completions, responses or embeddings, in canonical columns.

Choices and outputs hold what a model said; of them only the finish reason is decoded.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from ingest.formats.record_rows import Row
from ingest.quality_flags import joined_flags
from ingest.records import FieldError
from ingest.times import from_epoch
from ingest.tokens import (
    INPUT_MODALITIES,
    OUTPUT_PARTS,
    flatten_tokens,
    has_unknown_tokens,
    reported_details,
)

OPERATIONS: Final = {"response": "responses", "list": "embeddings"}
STATUSES: Final = {
    "completed": "success",
    "incomplete": "success",  # the answer was cut by a limit, its tokens are charged
    "failed": "failure",
    "cancelled": "aborted",
    None: "success",
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
KNOWN_FIELDS: Final = frozenset((*UNSPLIT, *(path for paths in PARTS.values() for path in paths)))


class _Choice(msgspec.Struct):
    finish_reason: str | None = None


class Fault(msgspec.Struct):
    """The code of an error; its message may hold a prompt and is not read."""

    code: str | int | None = None
    type: str | None = None


class _Incomplete(msgspec.Struct):
    reason: str | None = None


class Body(msgspec.Struct):
    """An answer; every field can be absent, the batch interface also wraps errors in bodies."""

    id: str | None = None
    object: str | None = None
    created: int | float | None = None
    created_at: int | float | None = None
    completed_at: int | float | None = None
    model: str | None = None
    service_tier: str | None = None
    status: str | None = None
    choices: list[_Choice] | None = None
    incomplete_details: _Incomplete | None = None
    error: Fault | str | None = None
    usage: dict[str, Any] | None = None


def body_row(number: int, body: Body, natural_key: str, day: datetime | None = None) -> Row:
    """The usage event of an answer; without a time of its own it is placed at the start of `day`.

    Raises:
        FieldError: A token count is not one, or there is no time.
        TimestampError: A time is not one.
    """
    counts = flatten_tokens(body.usage or {})
    parts = {
        part: next((counts[path] for path in paths if path in counts), None)
        for part, paths in PARTS.items()
    }
    is_chunk = body.object == CHUNK
    total, sums = counts.get("total_tokens"), (parts["input_total"], parts["output_total"])
    own_time, ended = _started(body), body.completed_at
    started_at = own_time or day
    if started_at is None:
        raise FieldError("created", NO_TIME, "no_timestamp")
    return {
        "line_number": number,
        "natural_key": natural_key,
        "grain": "request",
        "started_at": started_at,
        "ended_at": None if ended is None else from_epoch(repr(ended), "s"),
        "request_id": body.id or None,
        "provider_name": "openai",
        "response_model": body.model or None,
        "operation_name": OPERATIONS.get(body.object, "chat") if body.object else None,
        "service_tier": body.service_tier or None,
        "is_batch": None,
        "is_stream": True if is_chunk else None,
        "request_count": 1,
        "status": "failure" if body.error else STATUSES.get(body.status, "unknown"),
        "error_type": error_type(body.error),
        "finish_reason": _finish_reason(body),
        "reported_input_tokens": parts["input_total"],
        "reported_output_tokens": parts["output_total"],
        "reported_total_tokens": total,
        "reported_details": reported_details(counts),
        "reported_input_semantics": "inclusive",
        "quality_flags": joined_flags(
            no_timestamp=own_time is None,
            no_model=not body.model,
            residual=total is not None and total != sum(filter(None, sums)),
            partial_stream=is_chunk and not counts,
            unknown_token_field=has_unknown_tokens(counts, KNOWN_FIELDS),
        ),
        **parts,
    }


def _started(body: Body) -> datetime | None:
    moment = body.created if body.created is not None else body.created_at
    return None if not moment else from_epoch(repr(moment), "s")


def error_type(error: Fault | str | None) -> str | None:
    """The code or class of an error, never its message."""
    if not isinstance(error, Fault):
        return None
    return str(error.code) if error.code else error.type or None


def _finish_reason(body: Body) -> str | None:
    if body.incomplete_details is not None:
        return body.incomplete_details.reason or None
    return next((one.finish_reason for one in body.choices or () if one.finish_reason), None)
