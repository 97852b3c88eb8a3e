"""What calls have in common with many others, told once for all that are alike."""

from collections.abc import Callable, Mapping, Sequence

import polars as pl

Call = tuple[str | None, ...]
Calls = tuple[list[Call], list[int]]  # those that differ, and which of them each record is


def calls_of(*texts: Sequence[str | None]) -> Calls:
    """Calls, given the texts that make a call alike another, a list of each for all records."""
    numbers: dict[Call, int] = {}
    # zip gives the same tuple again and again, unless it is kept.
    which = [numbers.setdefault(call, len(numbers)) for call in zip(*texts, strict=True)]
    return list(numbers), which


def call_columns(
    parts: Sequence[Calls],
    named: Callable[..., tuple[object, ...]],
    types: Mapping[str, pl.DataType],
) -> pl.DataFrame:
    """Columns of all records of a file's parts, one after the other.

    Args:
        parts: Their calls.
        named: Gives the values of the columns, in the order of `types`, of a call's texts.
        types: Of the columns.
    """
    numbers: dict[Call, int] = {}
    which: list[int] = []
    for calls, places in parts:
        here = [numbers.setdefault(call, len(numbers)) for call in calls]
        which += [here[place] for place in places]
    rows = [named(*call) for call in numbers]
    return pl.DataFrame(rows, dict(types), orient="row")[which]
