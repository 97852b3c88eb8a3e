"""What Anthropic's reports and messages share: totals without cached tokens, tiers, regions."""

from typing import Final

import polars as pl

from ingest.formats.record_rows import Row

# Not inside the totals of their message, and an advisor is another model.
OUTSIDE_TOTALS: Final = ("advisor_message", "compaction")
# Where a cloud served the request, the cloud marks the message's id.
PROVIDERS: Final = {"msg_bdrk_": "aws.bedrock", "msg_vrtx_": "gcp.vertex_ai"}
# What an iteration of a message shares with it, unless it says otherwise.
PRICE_FIELDS: Final = ("service_tier", "speed", "inference_geo")
# Of a message's usage: column -> path.
COUNTS: Final = {
    "reported_input_tokens": ("input_tokens",),
    "input_cache_read": ("cache_read_input_tokens",),
    "input_cache_write": ("cache_creation_input_tokens",),
    "input_cache_write_5m": ("cache_creation.ephemeral_5m_input_tokens",),
    "input_cache_write_1h": ("cache_creation.ephemeral_1h_input_tokens",),
    "output_total": ("output_tokens",),
    "output_reasoning": ("output_tokens_details.thinking_tokens",),
}
KNOWN_FIELDS: Final = frozenset(path for paths in COUNTS.values() for path in paths)


def with_totals(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of COUNTS with the totals that split_tokens takes, as input_parts has them."""
    return frame.with_columns(WRITTEN).with_columns(*TOTALS)


def _sum_or_null(*names: str) -> pl.Expr:
    is_told = pl.any_horizontal(pl.col(name).is_not_null() for name in names)
    return pl.when(is_told).then(pl.sum_horizontal(names))


LIFETIMES: Final = _sum_or_null("input_cache_write_5m", "input_cache_write_1h")
WRITTEN: Final = pl.max_horizontal("input_cache_write", LIFETIMES).alias("input_cache_write")
TOTALS: Final = (
    _sum_or_null("reported_input_tokens", "input_cache_read", "input_cache_write").alias(
        "input_total"
    ),
    pl.col("output_total").alias("reported_output_tokens"),
    pl.lit("excludes_cache").alias("reported_input_semantics"),
)


def input_parts(
    *,
    uncached: int | None,
    read: int | None,
    written: int | None,
    five_minutes: int | None,
    one_hour: int | None,
) -> Row:
    """The inclusive input total and its parts; Anthropic reports the parts, and no total.

    Args:
        uncached: Neither read from the cache nor written to it.
        read: From the cache.
        written: To the cache, all lifetimes together; where it is reported with lifetimes they
            are the same tokens.
        five_minutes: Written for five minutes.
        one_hour: Written for an hour.
    """
    lifetimes = _sum(five_minutes, one_hour)
    if lifetimes is not None and written is not None:
        written = max(written, lifetimes)
    written = lifetimes if written is None else written
    return {
        "input_total": _sum(uncached, read, written),
        "input_cache_read": read,
        "input_cache_write": written,
        "input_cache_write_5m": five_minutes,
        "input_cache_write_1h": one_hour,
    }


def tier(service_tier: str | None, speed: str | None) -> str | None:
    """The tier that decides the price: fast answers have a price of their own."""
    return "fast" if speed == "fast" else service_tier


def region(inference_geo: str | None) -> str | None:
    """Where the model ran, if Anthropic says."""
    return None if inference_geo == "not_available" else inference_geo


def _sum(*counts: int | None) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
