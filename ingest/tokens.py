"""Reported token totals and their parts to disjoint token classes, as Polars expressions."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Final

import msgspec
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
ENCODER: Final = msgspec.json.Encoder(order="sorted")
DETAIL_SHAPES: Final = 20
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


def details_json(frame: pl.DataFrame, names: Iterable[str]) -> pl.Series:
    """The reported_details column: an object of counts under their paths, in order of path.

    Args:
        frame: Has the columns.
        names: Int64 columns, named for the dotted paths of the counts.

    Returns:
        JSON text; NULL where no count is reported.
    """
    told = [name for name in sorted(names) if frame.get_column(name).null_count() < frame.height]
    if not told:
        return pl.Series([None], dtype=pl.String()).new_from_index(0, frame.height)
    which = [pl.col(name).is_not_null().cast(pl.Int64) * 2**n for n, name in enumerate(told)]
    counts = frame.select(*told, pl.sum_horizontal(which).alias("which"))
    # Rows that report the same fields need no look at each value: half the time.
    parts = counts.with_row_index("row").partition_by("which", maintain_order=True)
    if len(parts) > DETAIL_SHAPES:
        rows = frame.select(told).iter_rows(named=True)
        texts = [
            reported_details({name: n for name, n in row.items() if n is not None}) for row in rows
        ]
        return pl.Series(texts, dtype=pl.String())
    shapes = [tuple(n for n in told if part.get_column(n).null_count() == 0) for part in parts]
    shaped = [
        part.select("row", _details(shape)) for part, shape in zip(parts, shapes, strict=True)
    ]
    return pl.concat(shaped).sort("row").get_column("details")


@cache
def _details(names: tuple[str, ...]) -> pl.Expr:
    if not names:
        return pl.lit(None, pl.String()).alias("details")
    heads = [f'{"," if place else "{"}"{name}":' for place, name in enumerate(names)]
    parts = [
        part
        for head, name in zip(heads, names, strict=True)
        for part in (pl.lit(head), pl.col(name))
    ]
    return pl.concat_str(*parts, pl.lit("}")).alias("details")


def reported_details(counts: Mapping[str, int]) -> str | None:
    """The reported_details of one record: counts under their dotted paths; NULL without any."""
    return ENCODER.encode(counts).decode() if counts else None


def first_count(counts: Mapping[str, int], paths: Iterable[str]) -> int | None:
    """The count under the first of these paths that is reported."""
    for path in paths:
        if path in counts:
            return counts[path]
    return None


def has_unknown_tokens(counts: Mapping[str, int], known: frozenset[str]) -> bool:
    """Whether tokens of a kind were used that the reader does not know."""
    if known.issuperset(counts):  # nearly always, and quickly told
        return False
    return any(counts[path] for path in counts.keys() - known if "token" in path.casefold())


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
    rows = frame.lazy()
    for step in STEPS:
        rows = rows.with_columns(*step)
    rows = rows.rename({"left": "other_output_tokens"})
    return rows.drop(*PART_COLUMNS, "write_left", "crossing").collect()


# Expressions whose columns are added at once, those that need them in a later step.
Step = tuple[pl.Expr, ...]


def _steps() -> Iterator[Step]:
    """All of split_tokens; to build the expressions anew takes as long as to evaluate them."""
    yield (
        pl.col("input_total").alias("left"),
        pl.lit(value=False).alias("clamped"),
        pl.lit(value=False).alias("inferred_cross"),
    )
    yield from _take("cache_read_input_tokens", pl.col("input_cache_read"), "left")
    yield from _split_cache_writes()
    for modality in INPUT_MODALITIES:
        yield from _split_modality(modality)
    yield (pl.col("left").alias("uncached_input_tokens"), pl.col("output_total").alias("left"))
    for part in OUTPUT_PARTS:
        yield from _take(f"{part}_output_tokens", pl.col(f"output_{part}"), "left")


def _take(name: str, amount: pl.Expr, pool: str) -> Iterator[Step]:
    """Move an amount out of a pool into a class, at most all of it."""
    left = pl.col(pool)
    is_known = amount.is_not_null() & left.is_not_null()
    yield (
        pl.when(is_known).then(pl.min_horizontal(amount, left)).alias(name),
        (pl.col("clamped") | (amount > left).fill_null(value=False)).alias("clamped"),
    )
    yield ((left - pl.col(name).fill_null(0)).alias(pool),)


def _split_cache_writes() -> Iterator[Step]:
    """Lifetimes are parts of the cache write total; what has no lifetime goes to `other`."""
    written = pl.col("input_cache_write")
    lifetimes = pl.sum_horizontal(f"input_cache_write_{life}" for life in LIFETIMES)
    yield from _take("write_left", pl.coalesce(written, lifetimes), "left")
    for life in LIFETIMES:
        amount = pl.col(f"input_cache_write_{life}")
        yield from _take(f"cache_write_{life}_input_tokens", amount, "write_left")
    rest = pl.col("write_left")
    yield (
        pl.when(written.is_not_null() & ((rest > 0) | (lifetimes == 0)))
        .then(rest)
        .alias("cache_write_other_input_tokens"),
    )


def _split_modality(modality: str) -> Iterator[Step]:
    amount, cached = pl.col(f"input_{modality}"), pl.col("cache_read_input_tokens")
    crossing = pl.max_horizontal(amount - pl.col("left"), pl.lit(0))
    yield (
        (pl.col("inferred_cross") | ((amount > 0) & (cached > 0)).fill_null(value=False)).alias(
            "inferred_cross"
        ),
        pl.when(amount.is_not_null() & (crossing > 0)).then(crossing).alias("crossing"),
    )
    uncached = amount - pl.col("crossing").fill_null(0)
    yield from _take(f"uncached_{modality}_input_tokens", uncached, "left")
    # Without cached tokens the crossing has nowhere to go: it was too large for its total.
    yield (
        (
            pl.col("clamped") | (pl.col("crossing") > cached.fill_null(0)).fill_null(value=False)
        ).alias("clamped"),
    )
    name = f"cache_read_{modality}_input_tokens"
    yield from _take(name, pl.col("crossing"), "cache_read_input_tokens")


STEPS: Final = tuple(_steps())
