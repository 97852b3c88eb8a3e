"""Disjoint token classes of many usageMetadata objects, as Polars expressions.

The values are those of vertex_usage.token_columns, which tests hold them to.
"""

from collections.abc import Iterator
from typing import Final

import polars as pl

from ingest.formats.vertex_usage import COUNTS, INPUT_KINDS, OUTPUT_KINDS

Step = tuple[pl.Expr, ...]

PROMPT, CACHED, CANDIDATES, THOUGHTS, TOOLS, TOTAL = (pl.col(name) for name in COUNTS)
VISIBLE: Final = CANDIDATES.fill_null(0)
ASKED: Final = PROMPT.fill_null(0) + TOOLS.fill_null(0)
IS_INCLUSIVE: Final = ((THOUGHTS > 0) & (TOTAL == ASKED + VISIBLE)).fill_null(value=False)
OUTPUT: Final = pl.col("reported_output_tokens")
LEFT, HELD = pl.col("uncached_input_tokens"), pl.col("cache_read_input_tokens")
OUTPUT_LEFT: Final = pl.col("other_output_tokens")


def _class_steps() -> Iterator[Step]:
    """Columns to add at once, those that need them in a later step.

    The frame has an Int64 column for each of vertex_usage.KNOWN, and tells_cache_kinds: whether
    cached tokens are told by modality.

    Gives the token classes, reported totals, and the Boolean columns residual, clamped_input,
    inferred_cross and clamped_output.
    """
    yield (
        pl.when(PROMPT.is_null() | (CACHED <= PROMPT))
        .then(CACHED)
        .when(CACHED.is_not_null())
        .then(PROMPT)
        .alias("cache_read_input_tokens"),
        (CACHED > PROMPT).fill_null(value=False).alias("clamped_input"),
        pl.lit(value=False).alias("inferred_cross"),
        (~IS_INCLUSIVE & (ASKED + VISIBLE + THOUGHTS.fill_null(0) != TOTAL)).alias("residual"),
        pl.when(IS_INCLUSIVE)
        .then(CANDIDATES)
        .otherwise(_sum(CANDIDATES, THOUGHTS))
        .alias("reported_output_tokens"),
        _sum(PROMPT, TOOLS).alias("reported_input_tokens"),
        TOTAL.alias("reported_total_tokens"),
        TOOLS.alias("tool_use_input_tokens"),
    )
    yield ((PROMPT - HELD.fill_null(0)).alias("uncached_input_tokens"),)
    for kind in INPUT_KINDS:
        yield from _take_input(kind)
    yield (
        _least(THOUGHTS, OUTPUT).alias("reasoning_output_tokens"),
        (THOUGHTS > OUTPUT).fill_null(value=False).alias("clamped_output"),
    )
    yield ((OUTPUT - pl.col("reasoning_output_tokens").fill_null(0)).alias("other_output_tokens"),)
    for kind in OUTPUT_KINDS:
        yield from _take_output(kind)
    # Without candidates nothing was reported but thoughts.
    yield (
        pl.when(CANDIDATES.is_not_null() | (OUTPUT_LEFT != 0))
        .then(OUTPUT_LEFT)
        .alias("other_output_tokens"),
    )


def _take_input(kind: str) -> Iterator[Step]:
    """Move a modality out of the uncached and the cached tokens of the prompt."""
    amount = pl.when(PROMPT.is_not_null()).then(pl.col(f"promptTokensDetails.{kind.upper()}"))
    told = _least(amount, pl.col(f"cacheTokensDetails.{kind.upper()}").fill_null(0))
    # Not told: taken as uncached as far as there are uncached tokens.
    crossing = pl.when(HELD > 0).then(pl.max_horizontal(amount - LEFT, 0)).otherwise(0)
    read = pl.when("tells_cache_kinds").then(told).otherwise(crossing)
    fresh = _least(amount - read, LEFT)
    held = _least(read, HELD.fill_null(0))
    is_inferred = ~pl.col("tells_cache_kinds") & (HELD > 0) & (amount > 0)
    uncached, cached = f"uncached_{kind}_input_tokens", f"cache_read_{kind}_input_tokens"
    yield (
        (pl.col("inferred_cross") | is_inferred.fill_null(value=False)).alias("inferred_cross"),
        (pl.col("clamped_input") | (fresh + held < amount).fill_null(value=False)).alias(
            "clamped_input"
        ),
        fresh.alias(uncached),
        pl.when(amount.is_not_null() & HELD.is_not_null()).then(held).alias(cached),
    )
    yield (
        (LEFT - pl.col(uncached).fill_null(0)).alias("uncached_input_tokens"),
        (HELD - pl.col(cached).fill_null(0)).alias("cache_read_input_tokens"),
    )


def _take_output(kind: str) -> Iterator[Step]:
    """Move a modality out of what the model said."""
    amount, name = pl.col(f"candidatesTokensDetails.{kind.upper()}"), f"{kind}_output_tokens"
    yield (
        _least(amount, OUTPUT_LEFT).alias(name),
        (pl.col("clamped_output") | (amount > OUTPUT_LEFT).fill_null(value=False)).alias(
            "clamped_output"
        ),
    )
    yield ((OUTPUT_LEFT - pl.col(name).fill_null(0)).alias("other_output_tokens"),)


def _least(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """The smaller of two counts; NULL unless both are reported."""
    return pl.when(one.is_not_null() & other.is_not_null()).then(pl.min_horizontal(one, other))


def _sum(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """The sum of what is reported; NULL where nothing is."""
    return pl.coalesce(one + other, one, other)


# Built once: an expression costs more to build than to evaluate on some thousand rows.
CLASS_STEPS: Final = tuple(_class_steps())
