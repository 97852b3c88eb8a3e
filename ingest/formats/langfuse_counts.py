"""Langfuse's usageDetails of many observations to disjoint token classes.

The rules and the values are those of langfuse_usage, but for parts that are larger than the total
which includes them.
"""

from collections.abc import Sequence
from typing import Final

import polars as pl

from ingest.formats.langfuse_usage import CLASSES, KNOWN, NO_COUNTS, SUMS, key_of, side_of
from ingest.formats.plain_fields import any_of, total_of
from ingest.quality_flags import flag_texts
from ingest.tokens import details_json

PATH: Final = "usageDetails."
# Side -> what is left of it beside its parts.
BASES: Final = {"input": "uncached_input_tokens", "output": "other_output_tokens"}
PARTS: Final = {
    side: tuple(dict.fromkeys(name for name in CLASSES.values() if name.endswith(f"{side}_tokens")))
    for side in BASES
}
CLASS_COLUMNS: Final = (*BASES.values(), *PARTS["input"], *PARTS["output"])
TOTALS: Final = ("total", "total_tokens")
REPORTED: Final = {
    "input": ("promptTokens", "prompt_tokens"),
    "output": ("completionTokens", "completion_tokens"),
}
TOTAL, INCLUDES = pl.col("reported_total_tokens"), pl.col("includes")
# Built once: an expression costs more to build than to evaluate on some thousand rows.
DIFFERS: Final = (pl.sum_horizontal(CLASS_COLUMNS) != TOTAL).fill_null(value=False).alias("differs")
ADDED: Final = (
    *(total_of(names).fill_null(0).alias(f"{side}_parts") for side, names in PARTS.items()),
    (pl.col("differs") & (pl.sum_horizontal(*BASES.values()) == TOTAL)).alias("includes"),
    pl.when("has_counts").then(pl.lit("inclusive")).alias("reported_input_semantics"),
)
SPLIT: Final = tuple(
    (pl.col(base) - pl.when(INCLUDES).then(f"{side}_parts").otherwise(0)).alias(base)
    for side, base in BASES.items()
)
CHECKED: Final = (
    pl.any_horizontal((pl.col(base) < 0).fill_null(value=False) for base in BASES.values()).alias(
        "is_clamped"
    ),
    *(
        pl.when(pl.coalesce(REPORTED[side]) == total_of((base, *PARTS[side])))
        .then(pl.coalesce(REPORTED[side]))
        .alias(f"reported_{side}_tokens")
        for side, base in BASES.items()
    ),
    *(pl.when("has_counts").then(name).alias(name) for name in SUMS),
    flag_texts(
        {
            "unit_is_not_tokens": ~pl.col("are_tokens"),
            "unknown_token_field": pl.col("has_unknown"),
            "inferred_semantics": INCLUDES,
            "residual": pl.col("differs") & ~INCLUDES,
        }
    ),
)


def with_tokens(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the token classes, what is reported of them, and the flags.

    Args:
        frame: Int64 counts under their names in usageDetails, with PATH before them, and those of
            SUMS and REPORTED; and the Boolean are_tokens.

    Returns:
        The frame with columns of usage_events and the Boolean is_clamped: a part is larger than
        the total that includes it, and langfuse_usage must decide.
    """
    paths = [
        name
        for name in frame.columns
        if name.startswith(PATH) and name.removeprefix(PATH) not in NO_COUNTS
    ]
    frame = frame.with_columns(*_counted(paths)).with_columns(DIFFERS).with_columns(ADDED)
    frame = frame.with_columns(SPLIT).with_columns(CHECKED)
    return frame.with_columns(details_json(frame, [*paths, *SUMS]).alias("reported_details"))


def _counted(paths: Sequence[str]) -> Sequence[pl.Expr]:
    """The sums of the counts of each class, and whether there are any, and unknown ones."""
    classes: dict[str, list[str]] = {name: [] for name in CLASS_COLUMNS}
    unknown = []
    for path in paths:
        key = key_of(path.removeprefix(PATH))
        side = side_of(key)
        if key == "total":
            continue
        if key in CLASSES:
            classes[CLASSES[key]].append(path)
            continue
        if side is not None:
            classes[BASES[side]].append(path)
        if key not in KNOWN:
            unknown.append(path)
    totals = [PATH + name for name in TOTALS if PATH + name in paths]
    return (
        *(total_of(found).alias(name) for name, found in classes.items()),
        total_of(totals[:1]).fill_null(total_of(totals[1:])).alias("reported_total_tokens"),
        any_of(pl.col(path).is_not_null() for path in paths).alias("has_counts"),
        any_of((pl.col(path) > 0).fill_null(value=False) for path in unknown).alias("has_unknown"),
    )
