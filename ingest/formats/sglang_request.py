"""One finished request of SGLang, from its request export or its JSON request log.

request_parameters, obj and out.text hold prompts and answers; they are never decoded, except for
the request's id where a record has no other.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

import msgspec
import polars as pl

from ingest.formats.event_batches import event_frame, row_columns, token_counts
from ingest.formats.record_rows import Row
from ingest.formats.sglang_time import LocalClock, file_hour
from ingest.records import FieldError
from ingest.source import InputFile
from ingest.times import TimestampError, from_epoch, stated_zone

# Column -> path.
PARTS: Final = {
    "input_total": ("prompt_tokens",),
    "output_total": ("completion_tokens",),
    "input_cache_read": ("cached_tokens",),
    "output_reasoning": ("reasoning_tokens",),
}
COUNTS: Final = tuple(path for paths in PARTS.values() for path in paths)
CACHE_LEVELS: Final = tuple(
    f"cached_tokens_details.{level}" for level in ("device", "host", "storage", "total")
)
KNOWN_FIELDS: Final = frozenset((*COUNTS, *CACHE_LEVELS))
FLAGS: Final = ("no_timestamp", "ambiguous_time", "unknown_token_field")
MOST_DIGITS: Final = 19
FINISHED: Final = "request.finished"
ABORTED: Final = "abort"
# What all requests share, and what is told under two names.
SAME: Final = {
    "provider_name": pl.lit("self_hosted"),
    "operation_name": pl.lit("chat"),
    "reported_input_tokens": pl.col("input_total"),
    "reported_output_tokens": pl.col("output_total"),
    "reported_input_semantics": pl.lit("inclusive"),
    "sampling_ratio": pl.lit(1.0),
}


class FinishReason(msgspec.Struct, gc=False):
    """Why an answer ended; a message may repeat what was said and is not read."""

    type: str | None = None


class _Request(msgspec.Struct):
    """meta_info of an answer: token counts are read apart, to see unknown ones too."""

    id: str | None = None
    finish_reason: FinishReason | str | None = None
    e2e_latency: Decimal | None = None
    request_received_ts: Decimal | None = None
    request_finished_ts: Decimal | None = None
    first_token_latency: Decimal | None = None
    request_parameters: msgspec.Raw = msgspec.Raw(b'""')


class _Out(msgspec.Struct):
    meta_info: msgspec.Raw = msgspec.Raw()


class _LogLine(msgspec.Struct):
    event: Any = None
    timestamp: str | None = None
    rid: str | None = None
    out: _Out | None = None


class _Parameters(msgspec.Struct):
    rid: str | None = None


_REQUEST: Final = msgspec.json.Decoder(_Request)
_LOG_LINE: Final = msgspec.json.Decoder(_LogLine)
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT: Final = msgspec.json.Decoder(str)
_PARAMETERS: Final = msgspec.json.Decoder(_Parameters)


class RequestReader:
    """Translates line by line; local times are told apart by the order of lines."""

    def __init__(self, file: InputFile, source: str) -> None:
        self._file = file
        self._source = source
        self._clock = LocalClock(stated_zone(file), source)
        self.model = file.options.get("model_name")
        self.host = None if file.instance == "default" else file.instance

    def hour(self) -> datetime | None:
        """When an export without times began, as naive UTC; None where only its lines can tell."""
        clock = LocalClock(stated_zone(self._file), self._source)
        try:
            moment, is_doubled = clock.utc(file_hour(self._file.path))
        except (FieldError, TimestampError):
            return None
        return None if is_doubled else moment

    def translate(self, number: int, text: bytes | msgspec.Raw) -> list[Row]:
        """The event of a line; none for a line that is no finished request.

        Raises:
            FieldError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TimestampError:
                The line is broken or holds what cannot be.
        """
        line = _LOG_LINE.decode(text)
        if line.event is None:
            return [self._row(number, msgspec.Raw(text), None, None)]
        if line.event != FINISHED:
            return []
        if line.out is None or not line.out.meta_info:
            raise FieldError("out.meta_info", "missing", "missing_value")
        if line.timestamp is None:
            raise FieldError("timestamp", "missing", "missing_value")
        return [self._row(number, line.out.meta_info, line.rid, line.timestamp)]

    def _row(self, number: int, text: msgspec.Raw, rid: str | None, logged: str | None) -> Row:
        request, counts = _REQUEST.decode(text), counts_of(text)
        reason = request.finish_reason
        kind = reason.type if isinstance(reason, FinishReason) else reason
        times, is_doubled = self._times(request, logged)
        key = request.id or rid or rid_of(request.request_parameters)
        return {
            "line_number": number,
            "natural_key": key,
            **times,
            "request_id": key,
            "response_model": self.model,
            "deployment_name": self.host,
            "status": "aborted" if kind == ABORTED else ("success" if kind else "unknown"),
            "finish_reason": kind or None,
            "no_timestamp": request.request_received_ts is None and logged is None,
            "ambiguous_time": is_doubled,
            "counts": counts,
        }

    def _times(
        self, request: _Request, logged: str | None
    ) -> tuple[dict[str, datetime | None], bool]:
        """When it began, ended and first answered; and whether clocks showed that time twice."""
        waited, lasted = _span(request.first_token_latency), _span(request.e2e_latency)
        is_doubled = False
        if request.request_received_ts is not None:
            started = from_epoch(request.request_received_ts, "s")
            finished = request.request_finished_ts
            ended = from_epoch(finished, "s") if finished else _plus(started, lasted)
        elif logged is not None:
            ended, is_doubled = self._clock.utc(logged)
            started = ended - (lasted or timedelta())
        else:  # known to the hour only
            started, is_doubled = self._clock.utc(file_hour(self._file.path))
            ended, waited = None, None
        if ended is not None and ended < started:
            ended = None
        first = _plus(started, waited)
        is_possible = first is not None and (ended is None or first <= ended)
        times = {
            "started_at": started,
            "ended_at": ended,
            "first_token_at": first if is_possible else None,
        }
        return times, is_doubled


def event_columns(rows: Sequence[Row]) -> pl.DataFrame:
    """The columns that event_batches takes."""
    columns = row_columns(rows)
    counts = columns.pop("counts")
    return event_frame(columns, counts, PARTS, KNOWN_FIELDS).with_columns(**SAME)


def counts_of(text: bytes | msgspec.Raw) -> dict[str, int]:
    """Counts under their dotted path; unknown ones too, but no latencies, texts or lists.

    Raises:
        FieldError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError: They are not counts.
    """
    fields = _FIELDS.decode(text)
    usage: dict[str, object] = {}
    for name in [name for name in fields if "token" in name]:
        value = bytes(fields[name])
        if value.isdigit() and len(value) <= MOST_DIGITS:
            usage[name] = int(value)
        elif name in COUNTS or name == "cached_tokens_details":
            usage[name] = msgspec.json.decode(value)
    return token_counts(usage, KNOWN_FIELDS)


def rid_of(request_parameters: msgspec.Raw) -> str:
    """The id among the parameters of a request, which are JSON in a text.

    Raises:
        FieldError, UnicodeDecodeError, RecursionError: There is none.
    """
    try:
        parameters = _PARAMETERS.decode(_TEXT.decode(request_parameters))
    except msgspec.MsgspecError:
        parameters = _Parameters()
    if not parameters.rid:
        raise FieldError("id", "missing", "missing_value")
    return parameters.rid


def _span(seconds: Decimal | None) -> timedelta | None:
    """A latency; None for what cannot be one."""
    if seconds is None or not 0 <= seconds <= 604_800:
        return None
    return timedelta(microseconds=int(seconds * 1_000_000))


def _plus(start: datetime, span: timedelta | None) -> datetime | None:
    return None if span is None else start + span
