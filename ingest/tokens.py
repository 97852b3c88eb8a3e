"""Reported token totals and their parts to disjoint token classes, as Polars expressions."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from ingest.records import TOKEN_LIMIT, FieldError

LIFETIMES: Final = ("5m", "30m", "1h", "12h")
INPUT_MODALITIES: Final = ("audio", "image", "video")
OUTPUT_PARTS: Final = ("reasoning", "audio", "image", "rejected_prediction")
# What split_tokens takes: inclusive totals, and the parts of them that the producer reports.
PART_COLUMNS: Final = (
    "input_total",
    "input_cache_read",
    "input_cache_write",  # all lifetimes together
    *(f"input_cache_write_{life}" for life in LIFETIMES),
    *(f"input_{modality}" for modality in INPUT_MODALITIES),
    "output_total",
    *(f"output_{part}" for part in OUTPUT_PARTS),
)
FLAG_COLUMNS: Final = ("clamped", "inferred_cross")


def flatten_tokens(usage: Mapping[str, object], prefix: str = "") -> dict[str, int]:
    """Every integer field of a usage object under its dotted path; so nothing reported is lost.

    Raises:
        FieldError: A token field is not a whole number from 0 to 10**9.
    """
    flat: dict[str, int] = {}
    for key, value in usage.items():
        if type(value) is int and 0 <= value <= TOKEN_LIMIT:
            flat[prefix + key] = value
        elif type(value) is dict:
            flat.update(flatten_tokens(value, f"{prefix}{key}."))
        elif value is not None and "token" in key and type(value) is not list:
            raise FieldError(
                prefix + key, f"not a whole number of tokens from 0 to {TOKEN_LIMIT:,}"
            )
    return flat


def split_tokens(frame: pl.DataFrame) -> pl.DataFrame:
    """Split inclusive totals into disjoint classes that always add up to them.

    A part larger than what is left of its total is clamped to it. Where cached tokens and a
    modality are both reported without their crossing, the modality is taken to be uncached as far
    as there are uncached tokens.

    Args:
        frame: Has PART_COLUMNS as Int64 counts; NULL where the producer reports nothing. It may
            have any others.

    Returns:
        The frame without PART_COLUMNS, with the token classes (NULL: not reported) and the
        Boolean columns clamped and inferred_cross.
    """
    rows = frame.lazy().with_columns(
        pl.col("input_total").alias("left"),
        pl.lit(value=False).alias("clamped"),
        pl.lit(value=False).alias("inferred_cross"),
    )
    rows = _take(rows, "cache_read_input_tokens", pl.col("input_cache_read"), "left")
    rows = _split_cache_writes(rows)
    for modality in INPUT_MODALITIES:
        rows = _split_modality(rows, modality)
    rows = rows.with_columns(
        pl.col("left").alias("uncached_input_tokens"), pl.col("output_total").alias("left")
    )
    for part in OUTPUT_PARTS:
        rows = _take(rows, f"{part}_output_tokens", pl.col(f"output_{part}"), "left")
    rows = rows.rename({"left": "other_output_tokens"})
    return rows.drop(*PART_COLUMNS, "write_left").collect()


def _take(rows: pl.LazyFrame, name: str, amount: pl.Expr, pool: str) -> pl.LazyFrame:
    """Move an amount out of a pool into a class, at most all of it."""
    left = pl.col(pool)
    is_known = amount.is_not_null() & left.is_not_null()
    return rows.with_columns(
        pl.when(is_known).then(pl.min_horizontal(amount, left)).alias(name),
        (pl.col("clamped") | (amount > left).fill_null(value=False)).alias("clamped"),
    ).with_columns((left - pl.col(name).fill_null(0)).alias(pool))


def _split_cache_writes(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Lifetimes are parts of the cache write total; what has no lifetime goes to `other`."""
    written = pl.col("input_cache_write")
    lifetimes = pl.sum_horizontal(f"input_cache_write_{life}" for life in LIFETIMES)
    rows = _take(rows, "write_left", pl.coalesce(written, lifetimes), "left")
    for life in LIFETIMES:
        name = f"cache_write_{life}_input_tokens"
        rows = _take(rows, name, pl.col(f"input_cache_write_{life}"), "write_left")
    rest = pl.col("write_left")
    return rows.with_columns(
        pl.when(written.is_not_null() & ((rest > 0) | (lifetimes == 0)))
        .then(rest)
        .alias("cache_write_other_input_tokens")
    )


def _split_modality(rows: pl.LazyFrame, modality: str) -> pl.LazyFrame:
    amount, cached = pl.col(f"input_{modality}"), pl.col("cache_read_input_tokens")
    crossing = pl.max_horizontal(amount - pl.col("left"), pl.lit(0))
    rows = rows.with_columns(
        (pl.col("inferred_cross") | ((amount > 0) & (cached > 0)).fill_null(value=False)).alias(
            "inferred_cross"
        ),
        pl.when(amount.is_not_null() & (crossing > 0)).then(crossing).alias("crossing"),
    )
    uncached = amount - pl.col("crossing").fill_null(0)
    rows = _take(rows, f"uncached_{modality}_input_tokens", uncached, "left")
    # Without cached tokens the crossing has nowhere to go: it was too large for its total.
    rows = rows.with_columns(
        (
            pl.col("clamped") | (pl.col("crossing") > cached.fill_null(0)).fill_null(value=False)
        ).alias("clamped")
    )
    name = f"cache_read_{modality}_input_tokens"
    return _take(rows, name, pl.col("crossing"), "cache_read_input_tokens").drop("crossing")
