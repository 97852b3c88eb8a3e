"""Usage lines of a Codex rollout, of both generations, in canonical columns."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import polars as pl

from ingest.formats.codex_rollout import LINE, Rollout, place, vector
from ingest.formats.event_batches import event_frame, row_columns, token_counts
from ingest.formats.record_rows import Row
from ingest.records import FieldError
from ingest.times import parse_utc

# Column -> path.
COUNTS: Final = {
    "input_total": ("input_tokens",),
    "input_cache_read": ("cached_input_tokens",),
    "input_cache_write": ("cache_write_input_tokens",),
    "output_total": ("output_tokens",),
    "output_reasoning": ("reasoning_output_tokens",),
    "reported_total_tokens": ("total_tokens",),
}
KNOWN_FIELDS: Final = frozenset(path for paths in COUNTS.values() for path in paths)
FLAGS: Final = ("unknown_token_field",)


class _Turn(msgspec.Struct):
    turn_id: str | None = None
    model: str | None = None


class _Record(msgspec.Struct):
    usage: dict[str, Any]
    response_id: str | None = None
    turn_id: str | None = None
    thread_token_usage: dict[str, Any] | None = None


class _Info(msgspec.Struct):
    last_token_usage: dict[str, Any] | None = None
    total_token_usage: dict[str, Any] | None = None


class _EventKind(msgspec.Struct):
    type: Any = None


class _TokenCount(msgspec.Struct):
    info: _Info | None = None


_TURN: Final = msgspec.json.Decoder(_Turn)
_RECORD: Final = msgspec.json.Decoder(_Record)
_EVENT_KIND: Final = msgspec.json.Decoder(_EventKind)
_TOKEN_COUNT: Final = msgspec.json.Decoder(_TokenCount)


class UsageReader:
    """Translates line by line; the model of a usage line stands in an earlier line."""

    def __init__(self, rollout: Rollout, zone: str | None) -> None:
        """Begin a rollout; `zone` is the stated one of times without an offset."""
        self._rollout = rollout
        self._zone = zone
        self._model: str | None = None
        self._models: dict[str, str | None] = {}
        self._copied: set[str] = set()

    def translate(self, number: int, text: bytes) -> list[Row]:
        """The event of a line; none for a line without usage.

        Raises:
            FieldError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError, TimestampError:
                The line is broken or holds what cannot be.
        """
        line = LINE.decode(text)
        if line.type == "turn_context":
            turn = _TURN.decode(line.payload)
            self._model = turn.model or None
            if turn.turn_id:
                self._models[turn.turn_id] = self._model
        elif line.type == "token_usage_record":
            return [self._new(number, line.timestamp, _RECORD.decode(line.payload))]
        elif line.type == "event_msg" and _EVENT_KIND.decode(line.payload).type == "token_count":
            return self._old(number, line.timestamp, _TOKEN_COUNT.decode(line.payload).info)
        elif line.type == "turn.completed":
            message = "output of `codex exec --json`, which holds no times"
            raise FieldError("timestamp", f"{message}: deliver ~/.codex/sessions", "no_timestamp")
        return []

    def _new(self, number: int, time: object, record: _Record) -> Row:
        key = record.response_id
        if not key:
            if not record.thread_token_usage:
                raise FieldError("payload.response_id", "missing", "missing_value")
            key = self._cumulative_key(record.thread_token_usage)
        model = self._models.get(record.turn_id or "", self._model)
        return self._row(number, time, key, record.usage, model, record.response_id)

    def _old(self, number: int, time: object, info: _Info | None) -> list[Row]:
        if info is None or not info.total_token_usage:
            return []  # news about rate limits only
        if self._has_record(number, place(info.total_token_usage)):
            return []
        if info.last_token_usage is None:
            raise FieldError("payload.info.last_token_usage", "missing", "missing_value")
        key = self._cumulative_key(info.total_token_usage)
        return [self._row(number, time, key, info.last_token_usage, self._model, None)]

    def _has_record(self, number: int, found: str) -> bool:
        """Whether a token_usage_record tells of the response, here or in the parent's file."""
        rollout = self._rollout
        if rollout.first_record is not None and number > rollout.first_record:
            return True
        if rollout.own_counts_from is None or number < rollout.own_counts_from:
            self._copied.add(found)
            return True
        return found in rollout.recorded or found in self._copied

    def _cumulative_key(self, total: dict[str, Any]) -> str:
        """The same for a repeated event and for one that a fork copied, with a new time."""
        if self._rollout.root_id is None:
            raise FieldError("session_meta", "the file does not name its thread", "missing_value")
        return f"{self._rollout.root_id} {vector(total)}"

    def _row(
        self,
        number: int,
        time: object,
        key: str,
        usage: dict[str, Any],
        model: str | None,
        response_id: str | None,
    ) -> Row:
        if not isinstance(time, str):
            raise FieldError("timestamp", "missing or no text", "missing_value")
        rollout, counts = self._rollout, token_counts(usage, KNOWN_FIELDS)
        return {
            "line_number": number,
            "natural_key": key,
            "started_at": parse_utc(time, self._zone, source="codex"),
            "request_id": response_id,
            "session_id": rollout.session_id,
            "is_sidechain": rollout.is_branch,
            "provider_name": rollout.provider_name,
            "response_model": model,
            "project_id": rollout.project_id,
            "counts": counts,
        }


def event_columns(rows: Sequence[Row]) -> pl.DataFrame:
    """The columns that event_batches takes."""
    columns = row_columns(rows)
    counts = columns.pop("counts")
    return event_frame(columns, counts, COUNTS, KNOWN_FIELDS).with_columns(
        pl.col("input_total").alias("reported_input_tokens"),
        pl.col("output_total").alias("reported_output_tokens"),
        pl.lit("inclusive").alias("reported_input_semantics"),
        pl.lit(1.0).alias("sampling_ratio"),
        pl.lit("responses").alias("operation_name"),
        pl.lit("success").alias("status"),
    )
