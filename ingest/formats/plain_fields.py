"""Fields of a plain record in the notations that producers really use, and columns of them.

Databases write whole numbers as numbers or in quotes, and times with a T or a space. What any
other notation holds, record_fields reads.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
import polars as pl

from ingest.formats.record_fields import NO_TEXT
from ingest.records import TOKEN_LIMIT

Digits = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,9}\Z")]
Count = Annotated[int, msgspec.Meta(ge=0, le=TOKEN_LIMIT)] | Digits | None
NoValue = Annotated[int, msgspec.Meta(ge=1, le=0)]  # of a key that must not be there
ABSENT: Final = msgspec.Raw(b"")  # a field that is not there; false, as nothing else is
# Amounts that are none: no field, and what record_fields takes for none.
NO_AMOUNT: Final = ("", "null", '""', '"null"')
# More names in one file's usage than any producer has; each is a column.
NAME_LIMIT: Final = 30
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_.:-]{1,100}\Z")  # JSON writes it as it is

Counts = Mapping[str, int | str | None]


def count_column(name: str, values: Sequence[int | str | None]) -> pl.Series:
    """An Int64 column of what Count accepts."""
    try:
        return pl.Series(name, values, pl.Int64(), strict=True)
    except TypeError:  # some are in quotes
        numbers = [int(value) if isinstance(value, str) else value for value in values]
        return pl.Series(name, numbers, pl.Int64(), strict=True)


def named_counts(counts: Sequence[Counts], prefix: str = "") -> tuple[list[pl.Series], pl.Series]:
    """A column for each name of a count that any record has.

    Args:
        counts: One mapping for each record.
        prefix: Of the columns' names.

    Returns:
        The columns, and whether they hold all counts of a record.
    """
    names = set[str]().union(*counts)
    told = {name for name in names if PLAIN_NAME.match(name)}
    if len(told) > NAME_LIMIT:
        uses = Counter(name for one in counts for name in one if name in told)
        told = {name for name, _ in uses.most_common(NAME_LIMIT)}
    columns = [count_column(prefix + name, [one.get(name) for one in counts]) for name in told]
    if names == told:
        return columns, pl.Series([True]).new_from_index(0, len(counts))
    return columns, pl.Series([told.issuperset(one) for one in counts], dtype=pl.Boolean())


def amount_column(name: str, amounts: Sequence[Any]) -> pl.Series:
    """A String column of amounts as they are written; no JSON holds the byte between them."""
    texts = b"\0".join(amounts).decode(errors="replace")
    return pl.Series([texts]).str.split("\0").explode().alias(name)


def unquoted(name: str) -> pl.Expr:
    """An amount_column without quotes, NULL where there is no amount."""
    text = pl.col(name)
    return pl.when(~text.is_in(NO_AMOUNT)).then(text.str.strip_chars('"')).alias(name)


def with_t(*names: str) -> Iterator[pl.Expr]:
    """Times of String columns with a T before the hour, where ClickHouse writes a space.

    A plain time has no space anywhere else, so no other text becomes one.
    """
    for name in names:
        yield pl.col(name).str.replace(" ", "T", literal=True)


def is_told(column: str, text: str) -> pl.Expr:
    """Whether a column holds what a String column says, if that says anything."""
    return pl.col(column).is_not_null() | pl.col(text).is_null()


def are_texts(*names: str) -> pl.Expr:
    """Whether String columns hold texts, and none that stands for nothing."""
    return pl.all_horizontal(~pl.col(name).is_in(NO_TEXT).fill_null(value=False) for name in names)


def total_of(names: Iterable[str]) -> pl.Expr:
    """The sum of Int64 columns without their NULLs; NULL where all are NULL."""
    columns = [pl.col(name) for name in names]
    if len(columns) < 2:
        return columns[0] if columns else pl.lit(None, pl.Int64())
    return pl.when(pl.any_horizontal(one.is_not_null() for one in columns)).then(
        pl.sum_horizontal(columns)
    )


def any_of(conditions: Iterable[pl.Expr]) -> pl.Expr:
    """Whether one of these holds; False where there are none."""
    return pl.any_horizontal(pl.lit(value=False), *conditions)
