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
class Readings:
    """Samples of a file, or of a part of it.

    Attributes:
        frame: The columns of LONG_SCHEMA and `number`, the value as Float64; times are UTC; one
            row for each series and time. `value` stays as written, so that large counters are
            exact.
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


def checked(frame: pl.DataFrame, series: list[Series]) -> Iterator[Readings | Reject]:
    """Readings of a long frame, after rejects for values that cannot stand.

    Args:
        frame: The columns of LONG_SCHEMA, in the order of the file.
        series: By series_id.

    Yields:
        Rejects for values that are no numbers, and for second values of a series at one time that
        differ from the first (the same reading delivered twice is one reading); then Readings.
    """
    numbers = frame.with_columns(pl.col("value").cast(pl.Float64, strict=False).alias("number"))
    yield from rejects_of(numbers.filter(pl.col("number").is_null()), _BAD_VALUE)
    numbers = numbers.filter(pl.col("number").is_not_null())
    key = ["series_id", "sampled_at"]
    first = numbers.unique(key, keep="first", maintain_order=True)
    if first.height < numbers.height:
        kept = first.select(*key, pl.col("number").alias("kept"))
        second = numbers.join(kept, on=key).filter(pl.col("number").ne_missing(pl.col("kept")))
        yield from rejects_of(second, _CONFLICT)
    if first.height:
        yield Readings(frame=first, series=series)


def rejects_of(frame: pl.DataFrame, reject: Reject) -> Iterator[Reject]:
    """The same reject for each line of a frame that has a line_number."""
    for number in frame.get_column("line_number").unique().sort():
        yield replace(reject, line_number=number)


_BAD_VALUE = Reject(
    line_number=None,
    column_name=None,
    reason_code="bad_value",
    message="the sample's value is not a number",
    remedy="the line was cut or edited; scrape again",
)
_CONFLICT = Reject(
    line_number=None,
    column_name=None,
    reason_code="conflicting_reading",
    message="this series already has another value at the same time",
    remedy="several scrapes share one time stamp: write a `# scraped_at` line before each scrape",
)
