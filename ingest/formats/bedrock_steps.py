"""Times, token classes and flags of many Bedrock records, as Polars expressions.

The values are those of bedrock_record.translate, which tests hold them to.
"""

from typing import Final

import polars as pl

from ingest.formats.bedrock_record import CACHE_READ, CACHE_WRITE, INPUT, LIFETIMES, OUTPUT
from ingest.formats.plain_records import IS_PLAIN
from ingest.formats.usage_rows import LONGEST_MILLISECONDS
from ingest.quality_flags import flag_texts
from ingest.times import plain_utc


def _later(name: str) -> pl.Expr:
    """The time so many milliseconds after the start; NULL for a duration that cannot be."""
    milliseconds = pl.col(name)
    is_possible = milliseconds.is_between(0, LONGEST_MILLISECONDS)
    micros = pl.when(is_possible).then(milliseconds * 1000).cast(pl.Int64)
    return pl.col("started_at") + pl.duration(microseconds=micros)


def _is_whole(name: str) -> pl.Expr:
    """Whether a duration is told in whole milliseconds, if at all."""
    return (pl.col(name) == pl.col(name).floor()).fill_null(value=True)


# Built once: an expression costs more to build than to evaluate on some thousand rows.
SHORT, LONG = (pl.coalesce(*LIFETIMES[life]) for life in ("5m", "1h"))
WRITTEN, TOTAL = pl.col("written"), pl.col("totalTokens")
SHORT_LEFT: Final = WRITTEN - pl.col("cache_write_5m_input_tokens").fill_null(0)
REST: Final = SHORT_LEFT - pl.col("cache_write_1h_input_tokens").fill_null(0)
SUMMED: Final = (
    "reported_input_tokens",
    "cache_read_input_tokens",
    "written",
    "reported_output_tokens",
)
SUM: Final = pl.when(pl.any_horizontal(pl.col(SUMMED).is_not_null())).then(
    pl.sum_horizontal(SUMMED)
)
IS_FIRST_IN_TIME: Final = pl.col("first_token_at") <= pl.col("ended_at")
# Columns to add at once, those that need them in a later step.
STEPS: Final = (
    (
        plain_utc("timestamp", is_naive_utc=True).alias("started_at"),
        pl.coalesce("input.inputTokenCount", *INPUT).alias("reported_input_tokens"),
        pl.coalesce("output.outputTokenCount", *OUTPUT).alias("reported_output_tokens"),
        pl.coalesce("input.cacheReadInputTokenCount", *CACHE_READ).alias("cache_read_input_tokens"),
        pl.coalesce("input.cacheWriteInputTokenCount", *CACHE_WRITE).alias("written"),
    ),
    (
        _later("latency_ms").alias("ended_at"),
        _later("first_byte_ms").alias("first_token_at"),
        pl.when(SHORT.is_not_null())
        .then(pl.min_horizontal(SHORT, WRITTEN))
        .alias("cache_write_5m_input_tokens"),
    ),
    (
        pl.when(IS_FIRST_IN_TIME).then("first_token_at").alias("first_token_at"),
        pl.when(LONG.is_not_null())
        .then(pl.min_horizontal(LONG, SHORT_LEFT))
        .alias("cache_write_1h_input_tokens"),
        flag_texts(
            {
                "clamped": (SHORT > WRITTEN) | (LONG > SHORT_LEFT),
                "unknown_token_field": pl.col("unknown_token_field"),
                "residual": TOTAL.is_not_null() & TOTAL.ne_missing(SUM),
            }
        ),
    ),
    (
        pl.when((REST != 0) | (SHORT.is_null() & LONG.is_null()))
        .then(REST)
        .alias("cache_write_other_input_tokens"),
        TOTAL.alias("reported_total_tokens"),
        pl.all_horizontal(
            pl.col("natural_key") != "",
            pl.col("is_known_schema"),
            ~pl.col("is_odd"),
            pl.col("started_at").is_not_null(),
            _is_whole("latency_ms"),
            _is_whole("first_byte_ms"),
        ).alias(IS_PLAIN),
    ),
)
