"""Samples in any order, as readings that are whole: all samples of a time are in one of them.

A stored series comes after the others, not beside them, so the first time of a file may occur once
more in its last line. What is held meanwhile is bounded: a file with more samples is read again for
each stretch of time that fits.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, zip_longest
from typing import Final

import polars as pl

from ingest.formats.prometheus_samples import Readings, Samples, Series, rejects_of
from ingest.source import Reject

# About 40 bytes each.
HELD_SAMPLES: Final = 12_000_000
# A reading is translated as a whole, which takes up to 2,000 bytes a sample.
READING_SAMPLES: Final = 100_000

KEY: Final = ("series_id", "sampled_at")


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """Minutes from `begin` to before `end`, UTC, and how many samples lie there."""

    begin: datetime
    end: datetime | None
    samples: int

    def cut(self, frame: pl.DataFrame) -> pl.DataFrame:
        is_inside = pl.col("sampled_at") >= self.begin
        if self.end is not None:
            is_inside &= pl.col("sampled_at") < self.end
        return frame.filter(is_inside)


def whole_readings(
    read: Callable[[], Iterator[Samples | Reject]], series: list[Series]
) -> Iterator[Readings | Reject]:
    """Readings of a file, from the first time to the last where samples are not whole already.

    Args:
        read: Begins to read the file, as often as it is called.
        series: By series_id; `read` adds to it.

    Yields:
        Rejects of `read`, and those for values that are no numbers or that contradict another
        value of the same series and time (the same reading delivered twice is one reading); and
        readings.
    """
    checks = _Checks(series)
    held: list[pl.DataFrame] = []
    minutes: Counter[datetime] = Counter()
    for item in read():
        if isinstance(item, Reject):
            yield item
        elif item.is_whole:
            yield from checks.readings(item.frame)
        else:
            minutes.update(_by_minute(item.frame))
            held.append(item.frame)
            if minutes.total() > HELD_SAMPLES:
                held.clear()
    stretches = _stretches(minutes)
    if minutes.total() <= HELD_SAMPLES:
        yield from checks.readings_of(held, stretches)
        return
    del held
    for _, together in groupby(_placed(stretches), key=lambda placed: placed[0]):
        group = [stretch for _, stretch in together]
        span = _Stretch(begin=group[0].begin, end=group[-1].end, samples=0)
        again = (item for item in read() if isinstance(item, Samples) and not item.is_whole)
        yield from checks.readings_of([span.cut(item.frame) for item in again], group)


def _by_minute(frame: pl.DataFrame) -> dict[datetime, int]:
    minute = pl.col("sampled_at").dt.truncate("1m")
    return dict(frame.group_by(minute).len().iter_rows())


def _stretches(minutes: Counter[datetime]) -> list[_Stretch]:
    """Stretches of about READING_SAMPLES, at least a minute long, in order."""
    begins: list[datetime] = []
    sizes: list[int] = []
    for minute in sorted(minutes):
        if not sizes or sizes[-1] + minutes[minute] > READING_SAMPLES:
            begins.append(minute)
            sizes.append(0)
        sizes[-1] += minutes[minute]
    bounds = zip_longest(begins, begins[1:])
    return [
        _Stretch(begin=begin, end=end, samples=size)
        for (begin, end), size in zip(bounds, sizes, strict=True)
    ]


def _placed(stretches: Sequence[_Stretch]) -> Iterator[tuple[int, _Stretch]]:
    """Each stretch with the number of the reading in which it is held."""
    place, held = 0, 0
    for stretch in stretches:
        if held and held + stretch.samples > HELD_SAMPLES:
            place, held = place + 1, 0
        held += stretch.samples
        yield place, stretch


class _Checks:
    """Sorts out values that cannot stand; each line is rejected once, however often it is read."""

    def __init__(self, series: list[Series]) -> None:
        self._series = series
        self._rejected: set[tuple[str, int | None]] = set()

    def readings_of(
        self, held: Sequence[pl.DataFrame], stretches: Sequence[_Stretch]
    ) -> Iterator[Readings | Reject]:
        """Readings of frames, one for each stretch."""
        if not held:
            return
        frame = pl.concat(held)
        for stretch in stretches:
            yield from self.readings(stretch.cut(frame))

    def readings(self, frame: pl.DataFrame) -> Iterator[Readings | Reject]:
        """The reading of a frame that is whole."""
        number = pl.col("value").cast(pl.Float64, strict=False)
        numbers = frame.with_columns(number.alias("number"))
        yield from self._once(numbers.filter(pl.col("number").is_null()), _BAD_VALUE)
        numbers = numbers.filter(pl.col("number").is_not_null())
        first = numbers.unique(KEY, keep="first", maintain_order=True)
        if first.height < numbers.height:
            kept = first.select(*KEY, pl.col("number").alias("kept"))
            second = numbers.join(kept, on=KEY).filter(pl.col("number").ne_missing(pl.col("kept")))
            yield from self._once(second, _CONFLICT)
        if first.height:
            yield Readings(frame=first, series=self._series)

    def _once(self, frame: pl.DataFrame, reject: Reject) -> Iterator[Reject]:
        for one in rejects_of(frame, reject):
            if (key := (one.reason_code, one.line_number)) not in self._rejected:
                self._rejected.add(key)
                yield one


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
