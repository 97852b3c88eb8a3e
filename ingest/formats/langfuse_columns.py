"""Langfuse observations in their plain form, translated a column at a time.

The values are those of langfuse_record.translate, which tests hold them to.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from ingest.formats.langfuse_counts import CLASS_COLUMNS, PATH, REPORTED, with_tokens
from ingest.formats.langfuse_record import REQUESTS
from ingest.formats.langfuse_usage import SUMS
from ingest.formats.plain_events import IS_REQUEST
from ingest.formats.plain_fields import (
    amount_column,
    are_texts,
    count_column,
    is_told,
    named_counts,
    unquoted,
    with_t,
)
from ingest.formats.plain_records import IS_PLAIN, Values
from ingest.formats.record_fields import NO_TEXT
from ingest.formats.value_columns import each
from ingest.records import plain_money
from ingest.schema import USAGE_EVENTS
from ingest.times import plain_utc

TEXTS: Final = ("natural_key", "session_id", "trace_id", "request_model", "user_id", "project_id")
TIMES: Final = ("start_time", "end_time", "first_time")
STRINGS: Final = (*TEXTS, *TIMES, "team_id", "level", "details_amount")
COUNTS: Final = tuple(dict.fromkeys((*REPORTED["input"], *REPORTED["output"], *SUMS)))
BOOLEANS: Final = ("are_tokens", "has_older_usage", "has_other_amounts")
EVENT_COLUMNS: Final = (
    *TEXTS,
    "team_id",
    "started_at",
    "ended_at",
    "first_token_at",
    "is_stream",
    "operation_name",
    "status",
    "reported_cost_usd",
    *CLASS_COLUMNS,
    "reported_input_tokens",
    "reported_output_tokens",
    "reported_total_tokens",
    "reported_input_semantics",
    "reported_details",
    "line_number",
)
TYPES: Final[Mapping[str, pl.DataType]] = {
    **{name: USAGE_EVENTS[name] for name in EVENT_COLUMNS},
    "quality_flags": pl.String(),
    IS_REQUEST: pl.Boolean(),
}
# Built once: an expression costs more to build than to evaluate on some thousand rows.
STARTED, ENDED, FIRST = (pl.col(name) for name in ("started_at", "ended_at", "first_token_at"))
HAS_FIRST: Final = ((STARTED <= FIRST) & (FIRST < ENDED)).fill_null(value=False)
READ: Final = (
    plain_utc("start_time", is_naive_utc=True).alias("started_at"),
    plain_utc("end_time", is_naive_utc=True).alias("ended_at"),
    plain_utc("first_time", is_naive_utc=True).alias("first_token_at"),
    pl.coalesce("details_amount", unquoted("other_amount")).alias("amount"),
    pl.col("operation_name").is_not_null().alias(IS_REQUEST),
    pl.when(pl.col("level") == "ERROR")
    .then(pl.lit("failure"))
    .otherwise(pl.lit("success"))
    .alias("status"),
)
PRICED: Final = plain_money("amount").alias("reported_cost_usd")
CONCLUDED: Final = (
    pl.when(HAS_FIRST).then(FIRST).alias("first_token_at"),
    pl.when(HAS_FIRST).then(pl.lit(value=True)).alias("is_stream"),
    (
        ~pl.col(IS_REQUEST)
        | pl.all_horizontal(
            pl.col("natural_key").is_not_null(),
            are_texts(*TEXTS, *TIMES),
            STARTED.is_not_null(),
            is_told("ended_at", "end_time"),
            is_told("first_token_at", "first_time"),
            is_told("reported_cost_usd", "amount"),
            pl.col("details_amount").is_not_null() | ~pl.col("has_other_amounts"),
            ~pl.col("has_older_usage"),
            pl.col("has_all_counts"),
            ~pl.col("is_clamped"),
        )
    ).alias(IS_PLAIN),
)


def columns(values: Values) -> pl.DataFrame:
    """The columns of TYPES but line_number, and IS_PLAIN: False where translate must decide."""
    counts, has_all_counts = named_counts(values["usage"], PATH)
    operations = each(_operation, values["type"])
    frame = pl.DataFrame(
        [
            *(pl.Series(name, values[name], pl.String(), strict=True) for name in STRINGS),
            *(pl.Series(name, values[name], pl.Boolean(), strict=True) for name in BOOLEANS),
            *(count_column(name, values[name]) for name in COUNTS),
            *counts,
            pl.Series("operation_name", operations, pl.String(), strict=True),
            amount_column("other_amount", values["other_amount"]),
            has_all_counts.alias("has_all_counts"),
        ]
    )
    frame = frame.with_columns(*with_t(*TIMES)).with_columns(READ).with_columns(PRICED)
    return with_tokens(frame).with_columns(CONCLUDED)


def _operation(kind: str | None) -> str | None:
    return REQUESTS.get("GENERATION" if kind is None or kind in NO_TEXT else kind.upper())
