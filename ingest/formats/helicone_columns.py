"""Helicone's requests in their plain form, translated a column at a time.

The values are those of helicone_record.translate, which tests hold them to.
"""

from collections.abc import Mapping
from typing import Final

import polars as pl

from ingest.formats.helicone_counts import TOKEN_COLUMNS, with_tokens
from ingest.formats.helicone_record import COUNTS, NOT_CACHED, provider_name
from ingest.formats.plain_fields import (
    amount_column,
    are_texts,
    count_column,
    named_counts,
    unquoted,
    with_t,
)
from ingest.formats.plain_records import IS_PLAIN, Values
from ingest.formats.value_columns import each
from ingest.quality_flags import flag_texts
from ingest.records import plain_money
from ingest.schema import USAGE_EVENTS
from ingest.times import plain_utc

TEXTS: Final = (
    "natural_key",
    "request_created_at",
    "request_model",
    "response_model",
    "provider",
    "user_id",
    "organization_id",
    "cache_reference_id",
)
STRINGS: Final = (*TEXTS, "team_id")
DURATION: Final = pl.Duration("us")
NUMBERS: Final = (*COUNTS, "latency", "time_to_first_token", "status_code")
EVENT_COLUMNS: Final = (
    "natural_key",
    "request_model",
    "response_model",
    "user_id",
    "organization_id",
    "team_id",
    "provider_name",
    "started_at",
    "ended_at",
    "first_token_at",
    "is_stream",
    "status",
    "error_type",
    "reported_cost_usd",
    "is_gateway_cache_hit",
    *TOKEN_COLUMNS,
    "reported_details",
    "line_number",
)
TYPES: Final[Mapping[str, pl.DataType]] = {
    **{name: USAGE_EVENTS[name] for name in EVENT_COLUMNS},
    "quality_flags": pl.String(),
}
# A cost that is written as no whole number is in dollars, a whole one in billionths of them.
FRACTION: Final = r"^-?[0-9]+(\.[0-9]+|(\.[0-9]+)?[eE]-0?[1-9][0-9]?)$"
WHOLE: Final = r"^[0-9]{1,12}$"
# Built once: an expression costs more to build than to evaluate on some thousand rows.
STARTED, ENDED, FIRST = (pl.col(name) for name in ("started_at", "ended_at", "first_token_at"))
LATENCY, FIRST_AFTER = pl.col("latency"), pl.col("time_to_first_token")
COST, DOLLARS, AMOUNT = pl.col("cost"), pl.col("dollars"), pl.col("amount")
IN_BILLIONTHS: Final = DOLLARS.is_null() & COST.str.contains(WHOLE)
BILLIONTHS: Final = COST.str.zfill(10)
CODE, REFERENCE = pl.col("status_code"), pl.col("cache_reference_id")
IS_STREAM: Final = (FIRST < ENDED).fill_null(value=False)
READ: Final = (
    plain_utc("request_created_at", is_naive_utc=True).alias("started_at"),
    unquoted("dollars"),
    unquoted("cost"),
    pl.when((CODE >= 200) & (CODE < 400))
    .then(pl.lit("success"))
    .when(CODE.is_null())
    .then(pl.lit("unknown"))
    .otherwise(pl.lit("failure"))
    .alias("status"),
    (REFERENCE.is_not_null() & (REFERENCE != NOT_CACHED).fill_null(value=False)).alias(
        "is_gateway_cache_hit"
    ),
)
ADDED: Final = (
    (STARTED + (LATENCY * 1000).cast(DURATION)).alias("ended_at"),
    pl.when(FIRST_AFTER > 0)
    .then(STARTED + (FIRST_AFTER * 1000).cast(DURATION))
    .alias("first_token_at"),
    pl.when(pl.col("status") == "failure").then(CODE.cast(pl.String)).alias("error_type"),
    pl.when(DOLLARS.is_not_null())
    .then(DOLLARS)
    .when(IN_BILLIONTHS)
    .then(pl.concat_str(BILLIONTHS.str.head(-9), pl.lit("."), BILLIONTHS.str.tail(9)))
    .when(COST.str.contains(FRACTION))
    .then(COST)
    .alias("amount"),
)
PRICED: Final = (
    plain_money("amount").alias("reported_cost_usd"),
    pl.when(IS_STREAM).then(FIRST).alias("first_token_at"),
    pl.when(IS_STREAM).then(pl.lit(value=True)).alias("is_stream"),
)
CONCLUDED: Final = (
    flag_texts(
        {
            "clamped": pl.col("clamped"),
            "residual": pl.col("residual"),
            "unknown_token_field": pl.col("has_unknown"),
            "inferred_cost_unit": IN_BILLIONTHS & (pl.col("reported_cost_usd") != 0),
        }
    ),
    pl.all_horizontal(
        pl.col("natural_key").is_not_null(),
        are_texts(*TEXTS),
        STARTED.is_not_null(),
        pl.col("reported_cost_usd").is_not_null() | (DOLLARS.is_null() & COST.is_null()),
        ~pl.col("has_both_dollars"),
        pl.col("has_all_counts"),
    ).alias(IS_PLAIN),
)


def columns(values: Values) -> pl.DataFrame:
    """The columns of TYPES but line_number, and IS_PLAIN: False where translate must decide."""
    further, has_all_counts = named_counts(values["further_counts"])
    providers = each(provider_name, values["provider"])
    frame = pl.DataFrame(
        [
            *(pl.Series(name, values[name], pl.String(), strict=True) for name in STRINGS),
            *(count_column(name, values[name]) for name in NUMBERS),
            *(amount_column(name, values[name]) for name in ("cost", "dollars")),
            pl.Series("has_both_dollars", values["has_both_dollars"], pl.Boolean(), strict=True),
            pl.Series("provider_name", providers, pl.String(), strict=True),
            has_all_counts.alias("has_all_counts"),
        ]
    )
    frame = with_tokens(frame, further).with_columns(with_t("request_created_at"))
    return frame.with_columns(READ).with_columns(ADDED).with_columns(PRICED).with_columns(CONCLUDED)
