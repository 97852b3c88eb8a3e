"""Helicone's counts of many requests to disjoint token classes; the rules of helicone_record."""

from collections.abc import Sequence
from typing import Final

import polars as pl

from ingest.formats.helicone_record import COUNTS
from ingest.formats.plain_fields import any_of, total_of
from ingest.tokens import details_json

PROMPT, COMPLETION, READ, WRITTEN, HEARD, SAID, REASONING, TOTAL = COUNTS
# Built once: an expression costs more to build than to evaluate on some thousand rows.
INPUTS, OUTPUTS = total_of((PROMPT, HEARD)), total_of((COMPLETION, SAID))
WHOLE, THOUGHT = pl.col(COMPLETION), pl.col(REASONING)
CLASSES: Final = (
    pl.col(PROMPT).alias("uncached_input_tokens"),
    pl.col(HEARD).alias("uncached_audio_input_tokens"),
    pl.col(READ).alias("cache_read_input_tokens"),
    pl.col(WRITTEN).alias("cache_write_other_input_tokens"),
    (WHOLE - pl.min_horizontal(THOUGHT.fill_null(0), WHOLE)).alias("other_output_tokens"),
    pl.when(THOUGHT.is_not_null())
    .then(pl.min_horizontal(THOUGHT, WHOLE))
    .alias("reasoning_output_tokens"),
    pl.col(SAID).alias("audio_output_tokens"),
    INPUTS.alias("reported_input_tokens"),
    OUTPUTS.alias("reported_output_tokens"),
    pl.col(TOTAL).alias("reported_total_tokens"),
)
TOKEN_COLUMNS: Final = tuple(expression.meta.output_name() for expression in CLASSES)
FLAGS: Final = (
    (THOUGHT > WHOLE).alias("clamped"),
    pl.all_horizontal(
        pl.col(TOTAL).is_not_null(),
        pl.col(TOTAL).ne_missing(total_of((PROMPT, HEARD, COMPLETION, SAID, READ, WRITTEN))),
        pl.col(TOTAL).ne_missing(total_of((PROMPT, COMPLETION))),
    ).alias("residual"),
)


def with_tokens(frame: pl.DataFrame, further: Sequence[pl.Series]) -> pl.DataFrame:
    """Add the token classes, what is reported of them, and what raises flags.

    Args:
        frame: Has COUNTS as Int64.
        further: Counts of tokens that have no class, Int64, under the names of their keys.

    Returns:
        The frame with TOKEN_COLUMNS, reported_details and the Boolean clamped, residual and
        has_unknown; NULL stands for False.
    """
    counts = pl.DataFrame([*frame.select(COUNTS), *further])
    has_unknown = any_of(pl.col(column.name) > 0 for column in further)
    return frame.with_columns(
        *CLASSES,
        *FLAGS,
        details_json(counts, counts.columns).alias("reported_details"),
        counts.select(has_unknown=has_unknown).to_series()
        if further
        else pl.lit(value=False).alias("has_unknown"),
    )
