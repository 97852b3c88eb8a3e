"""Prometheus samples as one long frame, however they were delivered."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import polars as pl

from ingest.source import Reject

LONG_SCHEMA = {
    "series_id": pl.Int32(),
    "sampled_at": pl.Datetime("us"),
    "value": pl.String(),
    "line_number": pl.Int64(),
}


@dataclass(frozen=True, kw_only=True)
class Series:
    """One time series: the sample's name and its labels, without empty ones."""

    name: str
    labels: Mapping[str, str]

    def label(self, *names: str) -> str | None:
        """The first of these labels that the series carries."""
        for name in names:
            if name in self.labels:
                return self.labels[name]
        return None


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Samples in the order of the file.

    Attributes:
        frame: The columns of LONG_SCHEMA; `value` as written, so that large counters are exact.
        is_whole: No other samples of the file have these times.
    """

    frame: pl.DataFrame
    is_whole: bool


@dataclass(frozen=True, kw_only=True)
class Readings:
    """All samples of a file that have certain times.

    Attributes:
        frame: The columns of LONG_SCHEMA and `number`, the value as Float64; times are UTC; one
            row for each series and time.
        series: By series_id.
    """

    frame: pl.DataFrame
    series: list[Series]


@dataclass(frozen=True, kw_only=True)
class SeriesIndex:
    """Numbers the series whose values somebody wants; each spelling is looked at once.

    Attributes:
        is_wanted: Says so of a sample name.
        series: The wanted ones, by series_id.
        ids: The series_id by any key that identifies the series, None for an unwanted one.
    """

    is_wanted: Callable[[str], bool]
    series: list[Series] = field(default_factory=list)
    ids: dict[Hashable, int | None] = field(default_factory=dict)

    def add(self, key: Hashable, found: Series) -> int | None:
        """Remember a series under a key; its series_id, or None if nobody wants it."""
        self.ids[key] = len(self.series) if self.is_wanted(found.name) else None
        if self.ids[key] is not None:
            self.series.append(found)
        return self.ids[key]


def rejects_of(frame: pl.DataFrame, reject: Reject) -> Iterator[Reject]:
    """The same reject for each line of a frame that has a line_number."""
    for number in frame.get_column("line_number").unique().sort():
        yield replace(reject, line_number=number)
