"""Requests of SGLang's export in their plain form, translated a column at a time.

The values are those of sglang_request, which tests hold them to.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import polars as pl
from msgspec import UNSET, UnsetType

from ingest.formats.event_batches import TYPES as EVENT_TYPES
from ingest.formats.plain_records import IS_PLAIN, Values
from ingest.formats.sglang_plain import NO_LEVELS, PlainRequest
from ingest.formats.sglang_request import (
    ABORTED,
    FLAGS,
    KNOWN_FIELDS,
    PARTS,
    SAME,
    FinishReason,
    rid_of,
)
from ingest.formats.value_columns import MICROSECOND, null_column
from ingest.records import RECORD_ERRORS
from ingest.schema import TIMESTAMP
from ingest.times import EPOCH
from ingest.tokens import details_json

Counts = dict[str, list[int | None]]

LEVEL: Final = "cached_tokens_details."
# Digits that a Decimal multiplies without rounding.
POINT_IN_TIME: Final = r"^[0-9]{1,11}(\.[0-9]{1,17})?$"
SPAN: Final = r"^[0-9]{1,6}(\.[0-9]{1,20})?$"
WAIT: Final = r"^[0-9]{1,6}\.[0-9]{1,20}$"  # without a fraction it would pass for a count
NUMBERS: Final = {
    "request_received_ts": POINT_IN_TIME,
    "request_finished_ts": POINT_IN_TIME,
    "e2e_latency": SPAN,
    "first_token_latency": WAIT,
}
VALUE_TYPES: Final[Mapping[str, pl.DataType]] = {
    "natural_key": pl.String(),
    "finish_reason": pl.String(),
    "other_details": pl.String(),
    "unknown_token_field": pl.Boolean(),
    **dict.fromkeys(KNOWN_FIELDS, pl.Int64()),
}
LONGEST_MICROSECONDS: Final = 604_800_000_000
TYPES: Final[Mapping[str, pl.DataType]] = {
    **{
        name: EVENT_TYPES[name]
        for name in (
            "line_number",
            "natural_key",
            "started_at",
            "ended_at",
            "first_token_at",
            "request_id",
            "response_model",
            "deployment_name",
            "status",
            "finish_reason",
            *PARTS,
            "reported_details",
            "provider_name",
            "operation_name",
            "reported_input_tokens",
            "reported_output_tokens",
            "reported_input_semantics",
            "sampling_ratio",
        )
    },
    **dict.fromkeys(FLAGS, pl.Boolean()),
}


def _micros(name: str, pattern: str) -> pl.Expr:
    """Seconds as they are written to whole microseconds; NULL for what is not written plainly."""
    text = pl.col(name)
    parts = pl.when(text.str.contains(pattern)).then(text).str.split_exact(".", 1)
    fraction = parts.struct.field("field_1").str.head(6).str.pad_end(6, "0")
    whole = parts.struct.field("field_0").cast(pl.Int64)
    return (whole * 1_000_000 + fraction.cast(pl.Int64).fill_null(0)).alias(name)


# Built once: an expression costs more to build than to evaluate on some thousand rows.
RECEIVED, FINISHED, LASTED, WAITED = (pl.col(name) for name in NUMBERS)
IS_NULL: Final = [(pl.col(name) == "null").alias(f"no_{name}") for name in NUMBERS]
READ: Final = [_micros(name, pattern) for name, pattern in NUMBERS.items()]
IS_TIMED: Final = pl.col("no_request_received_ts").not_()
STARTED, ENDED = pl.col("started_at"), pl.col("ended_at")
KIND: Final = pl.col("finish_reason")
CONCLUDED: Final = (
    pl.col("natural_key").alias("request_id"),
    pl.when(KIND == ABORTED)
    .then(pl.lit("aborted"))
    .when(KIND.is_null())
    .then(pl.lit("unknown"))
    .otherwise(pl.lit("success"))
    .alias("status"),
    IS_TIMED.not_().alias("no_timestamp"),
    pl.lit(value=False).alias("ambiguous_time"),
    pl.when(IS_TIMED).then(pl.coalesce(FINISHED, RECEIVED + LASTED)).alias("ended_at"),
    pl.all_horizontal(
        pl.col("natural_key").is_not_null(),
        pl.col("started_at").is_not_null(),
        *(pl.col(name).is_not_null() | pl.col(f"no_{name}") for name in NUMBERS),
        # What Python takes for no time, and for no latency.
        (FINISHED > 0).fill_null(value=True),
        (LASTED < LONGEST_MICROSECONDS).fill_null(value=True),
        (WAITED < LONGEST_MICROSECONDS).fill_null(value=True),
    ).alias(IS_PLAIN),
)
ENDED_LATER: Final = pl.when(ENDED >= STARTED).then(ENDED).alias("ended_at")
FIRST: Final = pl.when(IS_TIMED).then(RECEIVED + WAITED)
FIRST_IN_TIME: Final = (
    pl.when((ENDED >= FIRST).fill_null(value=True)).then(FIRST).alias("first_token_at")
)
MOMENTS: Final = [
    pl.col(name).cast(TIMESTAMP) for name in ("started_at", "ended_at", "first_token_at")
]


def values(rows: Sequence[PlainRequest]) -> Mapping[str, list[Any]]:
    """What `columns` needs of decoded rows."""
    reasons = [row.finish_reason for row in rows]
    others = [row.other_counts for row in rows]
    return {
        "natural_key": [row.id or _rid(row) for row in rows],
        "finish_reason": [
            (reason.type if type(reason) is FinishReason else reason) or None for reason in reasons
        ],
        "request_received_ts": [row.request_received_ts for row in rows],
        "request_finished_ts": [row.request_finished_ts for row in rows],
        "e2e_latency": [row.e2e_latency for row in rows],
        "first_token_latency": [row.first_token_latency for row in rows],
        **_counts(rows),
        "other_details": [None if one is None else one.details for one in others],
        "unknown_token_field": [one is not None and one.is_unknown for one in others],
    }


def _rid(row: PlainRequest) -> str | None:
    try:
        return rid_of(row.request_parameters)
    except RECORD_ERRORS:
        return None


def _counts(rows: Sequence[PlainRequest]) -> Counts:
    """Counts under their paths."""
    levels = [row.cached_tokens_details or NO_LEVELS for row in rows]
    return {
        "prompt_tokens": _told([row.prompt_tokens for row in rows]),
        "completion_tokens": _told([row.completion_tokens for row in rows]),
        "cached_tokens": _told([row.cached_tokens for row in rows]),
        "reasoning_tokens": _told([row.reasoning_tokens for row in rows]),
        LEVEL + "device": [one.device for one in levels],
        LEVEL + "host": [one.host for one in levels],
        LEVEL + "storage": [one.storage for one in levels],
        LEVEL + "total": [one.total for one in levels],
    }


def _told(counts: Sequence[int | UnsetType | None]) -> list[int | None]:
    return [None if count is UNSET else count for count in counts]


def _texts(numbers: Sequence[msgspec.Raw]) -> pl.Series:
    """Numbers as they are written; no JSON holds the byte between them."""
    texts = b"\0".join(numbers).decode(errors="replace")
    return pl.Series([texts]).str.split("\0").explode()


def columns(
    values: Values, *, model: str | None, host: str | None, hour: datetime | None
) -> pl.DataFrame:
    """The columns of TYPES but line_number, and IS_PLAIN: False where RequestReader must decide.

    Args:
        values: Of many rows.
        model: What the user states.
        host: The deployment.
        hour: When a request without times began, as naive UTC; None: told record by record.
    """
    height = len(values["unknown_token_field"])
    frame = pl.DataFrame(
        [
            *(_texts(values[name]).alias(name) for name in NUMBERS),
            *(
                pl.Series(name, values[name], dtype, strict=True)
                if name in values
                else null_column(name, height, dtype)
                for name, dtype in VALUE_TYPES.items()
            ),
        ]
    )
    details = pl.coalesce("other_details", details_json(frame, KNOWN_FIELDS))
    hour_micros = None if hour is None else (hour - EPOCH) // MICROSECOND
    started = pl.when(IS_TIMED).then(RECEIVED).otherwise(pl.lit(hour_micros, pl.Int64()))
    return (
        frame.with_columns(*IS_NULL, *READ)
        .with_columns(started.alias("started_at"), details.alias("reported_details"))
        .with_columns(*CONCLUDED)
        .with_columns(ENDED_LATER)
        .with_columns(FIRST_IN_TIME)
        .with_columns(
            *MOMENTS,
            *(pl.col(path).alias(part) for part, (path,) in PARTS.items()),
            pl.lit(model, pl.String()).alias("response_model"),
            pl.lit(host, pl.String()).alias("deployment_name"),
        )
        .with_columns(**SAME)
    )
