"""Token counts of a span: what its input total includes, and the parts of its totals."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from ingest.formats.otlp_attributes import INPUT, OUTPUT, PARTS, TOTAL
from ingest.tokens import first_count

COUNTS: Final = {
    "reported_input_tokens": INPUT,
    "output_total": OUTPUT,
    "reported_total_tokens": TOTAL,
    **PARTS,
}


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Who recorded a span.

    Attributes:
        service_name: Of the resource.
        is_exclusive: Whether the user states that this instrumentation's input tokens leave the
            cached ones out.
    """

    service_name: str | None
    is_exclusive: bool


def semantics_of(
    counts: Mapping[str, int], provider: str | None, origin: Origin
) -> tuple[str, bool]:
    """How the reported input is meant, and whether that is a guess.

    Args:
        counts: By attribute name.
        provider: As the newest conventions name it.
        origin: Who recorded the span.

    Returns:
        inclusive, or excludes_cache where cached tokens are to be added; and whether it is a guess.
    """
    total = first_count(counts, INPUT)
    cached = sum(
        first_count(counts, PARTS[part]) or 0 for part in ("input_cache_read", "input_cache_write")
    )
    if total is None or not cached:
        return "inclusive", False
    if origin.is_exclusive:
        return "excludes_cache", False
    if cached > total:  # it cannot be a part of it
        return "excludes_cache", True
    # The conventions include cached tokens, Anthropic's API does not; some copy the latter.
    return "inclusive", provider == "anthropic"


def with_totals(frame: pl.DataFrame) -> pl.DataFrame:
    """Columns of COUNTS and the semantics of the input, with the totals that split_tokens takes."""
    cached = pl.sum_horizontal("input_cache_read", "input_cache_write")
    is_exclusive = pl.col("reported_input_semantics") == "excludes_cache"
    reported = pl.col("reported_input_tokens")
    return frame.with_columns(
        pl.when(is_exclusive).then(reported + cached).otherwise(reported).alias("input_total"),
        pl.col("output_total").alias("reported_output_tokens"),
    )
