"""Values of many records to columns of a stated type."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final, TypeVar

import polars as pl

from ingest.schema import TIMESTAMP
from ingest.times import EPOCH

Result = TypeVar("Result")
MICROSECOND: Final = timedelta(microseconds=1)


def value_column(name: str, values: Sequence[Any], dtype: pl.DataType) -> pl.Series:
    """A column of Python's values, NULL where one is None.

    Polars takes numbers and texts from Python many times faster than times and decimals, so these
    pass through the former.

    Raises:
        TypeError: A value is of another type.
    """
    if dtype == TIMESTAMP:
        micros = [None if time is None else (time - EPOCH) // MICROSECOND for time in values]
        return pl.Series(name, micros, pl.Int64(), strict=True).cast(TIMESTAMP)
    if isinstance(dtype, pl.Decimal):
        texts = [None if amount is None else str(amount) for amount in values]
        return pl.Series(name, texts, pl.String(), strict=True).cast(dtype)
    return pl.Series(name, values, dtype, strict=True)


def each(function: Callable[[Any], Result], values: Sequence[Any]) -> list[Result]:
    """A function of every value, called once for each that is different."""
    results = {value: function(value) for value in set(values)}
    return [results[value] for value in values]


def null_column(name: str, height: int, dtype: pl.DataType) -> pl.Series:
    """A column of NULL alone."""
    return pl.Series(name, [None], dtype).new_from_index(0, height)
