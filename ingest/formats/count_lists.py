"""Token counts of many records, put together path by path instead of record by record.

A list of each path that any record reports takes a fraction of the time that an object of paths
takes for each record. What is not written as nearly all counts are makes its record odd: a
function for one record must tell what it is, or reject it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

import msgspec
import polars as pl

from ingest.formats.record_fields import whole
from ingest.formats.value_columns import null_column
from ingest.records import RECORD_ERRORS, TOKEN_LIMIT
from ingest.tokens import details_json

Count = Annotated[int, msgspec.Meta(ge=0, le=TOKEN_LIMIT)]
Scalar = Count | float | bool | str | None
Counts = list[int | None]

# Paths of a part of the records, each of them a list as long as the part.
PATHS_LIMIT: Final = 64
# Columns of paths that nobody knows.
NOVEL_LIMIT: Final = 16
# What JSON writes without escapes, sorted in the same order everywhere.
PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9_.:/ -]{1,200}")
COUNTS: Final = msgspec.json.Decoder(list[Count | None])
ANY: Final = msgspec.json.Decoder(Any)
NULL: Final = msgspec.Raw(b"null")
NOTHING: Final = type(None)


class Shape(NamedTuple):
    """Objects that have the same keys, and the places of their records."""

    keys: tuple[str, ...]
    places: list[int]
    objects: list[Mapping[str, Any]]

    def values(self, key: str) -> list[Any]:
        """What stands under a key."""
        return [one[key] for one in self.objects]


def shapes_of(places: Iterable[int], objects: Iterable[Mapping[str, Any] | None]) -> list[Shape]:
    """Objects by their keys, given the places of their records; None and empty ones are left out.

    So a value is looked up only where it is, and keys are looked at once for many objects.
    """
    found: dict[tuple[str, ...], tuple[list[int], list[Mapping[str, Any]]]] = {}
    for place, one in zip(places, objects, strict=True):
        if one:
            shape = found.get(keys := tuple(one))
            if shape is None:
                shape = found[keys] = ([], [])
            shape[0].append(place)
            shape[1].append(one)
    return [Shape(keys, *shape) for keys, shape in found.items()]


class CountLists:
    """Counts of a part of a file's records.

    Attributes:
        height: How many records.
        lists: Path -> a count for each record, None where it reports none.
        odd: Places of records whose counts are not all told here.
    """

    def __init__(self, height: int, known: frozenset[str]) -> None:
        self.height = height
        self.lists: dict[str, Counts] = {}
        self.odd: set[int] = set()
        self._known = known

    def add(self, path: str, places: Iterable[int], counts: Sequence[int | None]) -> None:
        """Whole numbers from 0 to 10**9 of some records, which have told none under this path."""
        held = self.lists.get(path)
        if held is None:
            if len(self.lists) >= PATHS_LIMIT or not self._is_plain(path):
                self.set_aside(places, counts)
                return
            held = self.lists[path] = [None] * self.height
        for place, count in zip(places, counts, strict=True):
            held[place] = count

    def add_written(self, path: str, places: Iterable[int], texts: Sequence[msgspec.Raw]) -> None:
        """The same of JSON texts."""
        try:
            self.add(path, places, COUNTS.decode(b"[%b]" % b",".join(texts)))
        except RECORD_ERRORS:
            for place, text in zip(places, texts, strict=True):
                self._add_unusual(path, place, text)

    def _add_unusual(self, path: str, place: int, text: msgspec.Raw) -> None:
        """Perhaps text, or a number such as 12.0."""
        try:
            self.add(path, (place,), (whole(ANY.decode(text), path),))
        except RECORD_ERRORS:
            self.odd.add(place)

    def set_aside(self, places: Iterable[int], values: Sequence[object]) -> None:
        """Let those records be odd that have a value here."""
        self.odd.update(
            place for place, value in zip(places, values, strict=True) if value is not None
        )

    def _is_plain(self, path: str) -> bool:
        return path in self._known or PLAIN_PATH.fullmatch(path) is not None


def kinds_of(values: Iterable[object]) -> set[type]:
    """The types of values that are reported."""
    return set(map(type, values)) - {NOTHING}


def count_columns(parts: Sequence[CountLists], known: frozenset[str]) -> pl.DataFrame:
    """Columns of all records of a file's parts, one after the other.

    Args:
        parts: Their counts.
        known: Paths that are always columns.

    Returns:
        An Int64 column for each known path; reported_details, of all paths; unknown_token_field,
        whether that flag is raised; and is_odd.
    """
    told = set[str]().union(*(part.lists for part in parts))
    novel = sorted(told - known)
    kept, left_out = novel[:NOVEL_LIMIT], novel[NOVEL_LIMIT:]
    for part in parts:
        for path in left_out:
            part.set_aside(range(part.height), part.lists.get(path, [None] * part.height))
    frame = pl.DataFrame([_column(path, parts, told) for path in (*sorted(known), *kept)])
    unknown = [pl.col(path) > 0 for path in kept if "token" in path.casefold()]
    return frame.select(
        *known,
        details_json(frame, frame.columns).alias("reported_details"),
        pl.any_horizontal(*unknown, pl.lit(value=False)).alias("unknown_token_field"),
        pl.Series("is_odd", [row in part.odd for part in parts for row in range(part.height)]),
    )


def _column(path: str, parts: Sequence[CountLists], told: set[str]) -> pl.Series:
    if path not in told:
        return null_column(path, sum(part.height for part in parts), pl.Int64())
    counts: Counts = []
    for part in parts:
        counts += part.lists.get(path) or [None] * part.height
    return pl.Series(path, counts, pl.Int64())
