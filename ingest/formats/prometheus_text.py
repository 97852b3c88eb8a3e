"""The Prometheus and OpenMetrics text formats: one scrape, or many in a row."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Final

import polars as pl
from prometheus_client.parser import text_string_to_metric_families

from ingest.formats.prometheus_samples import (
    LONG_SCHEMA,
    Samples,
    Series,
    SeriesIndex,
    rejects_of,
)
from ingest.growing import whole_lines
from ingest.objects import InputPath
from ingest.source import InputFile, Reject
from ingest.times import TimestampError, parse_utc

# A scrape is not split, however many samples it has.
BATCH_SAMPLES: Final = 200_000

# Name and labels; value; own time. What follows a `#` is an OpenMetrics exemplar. Possessive
# quantifiers keep a hostile line from costing more than its length.
LINE: Final = re.compile(
    rb'\s*+([^\s{]*+(?:\{(?:[^"}]++|"(?:[^"\\]++|\\.)*+")*+\})?+)\s*+'
    rb"([^\s#{][^\s#]*+)(?:\s++([^\s#]++))?+\s*+(?:#.*)?"
)
NUMERALS: Final = b"0123456789+-.eE"
SCRAPED_AT: Final = re.compile(rb"#\s*scraped_at\s+(\S+)\s*")
NAME_STAMP: Final = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")

# OpenMetrics writes seconds, the older text format milliseconds. Between the two lie the years
# 1973 (as milliseconds) and 5138 (as seconds).
FIRST_MILLISECONDS: Final = 10**11


class _Buffer:
    """Samples since the last flush, column by column, and how many of all have no time."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.values: list[bytes] = []
        self.numbers: list[int] = []
        self.scrapes: list[datetime | None] = []
        self.own_times: list[bytes | None] = []
        self.has_own_times = False
        self.timeless = 0

    def add(
        self,
        series_id: int,
        value: bytes,
        number: int,
        scraped_at: datetime | None,
        own_time: bytes | None,
    ) -> None:
        if scraped_at is None and own_time is None:
            self.timeless += 1
            return
        self.ids.append(series_id)
        self.values.append(value)
        self.numbers.append(number)
        self.scrapes.append(scraped_at)
        self.own_times.append(own_time)
        self.has_own_times |= own_time is not None

    def is_full(self) -> bool:
        return len(self.ids) >= BATCH_SAMPLES

    def samples(self) -> Iterator[Samples | Reject]:
        """What is buffered, after rejects for own times that are none; the buffer is empty then."""
        own_times = pl.Series(self.own_times, dtype=pl.Binary).cast(pl.String, strict=False)
        frame = pl.DataFrame(
            {
                "series_id": pl.Series(self.ids, dtype=pl.Int32),
                "value": pl.Series(self.values, dtype=pl.Binary).cast(pl.String, strict=False),
                "line_number": pl.Series(self.numbers, dtype=pl.Int64),
                "scraped_at": pl.Series(self.scrapes, dtype=pl.Datetime("us")),
                "own_time": own_times,
            }
        ).with_columns(_own_time().alias("own_at"))
        is_whole, self.has_own_times = not self.has_own_times, False
        for column in (self.ids, self.values, self.numbers, self.scrapes, self.own_times):
            column.clear()
        is_bad_time = pl.col("own_time").is_not_null() & pl.col("own_at").is_null()
        yield from rejects_of(frame.filter(is_bad_time), _BAD_LINE)
        sampled_at = pl.coalesce("own_at", "scraped_at").alias("sampled_at")
        timed = frame.filter(~is_bad_time).with_columns(sampled_at).select(*LONG_SCHEMA)
        yield Samples(frame=timed, is_whole=is_whole)


def read_exposition(file: InputFile, index: SeriesIndex) -> Iterator[Samples | Reject]:
    """Samples of a text file, in parts of bounded size.

    Args:
        file: Of one or many scrapes; its name may state the time of the only one.
        index: Receives the series.

    Yields:
        Samples, and rejects for lines that cannot be read. Samples without any time are one
        reject for the whole file. Where samples carry their own times these may come series by
        series instead of time by time, so that no part is whole.
    """
    buffer = _Buffer()
    scraped_at = _name_stamp(file.path)
    for row in whole_lines(file):
        if isinstance(row, Reject):
            yield row
        elif not row[1].startswith(b"#"):
            if (problem := _add(buffer, index, row, scraped_at)) is not None:
                yield problem
            if buffer.has_own_times and buffer.is_full():
                yield from buffer.samples()
        elif b"scraped_at" in row[1] and (stamp := SCRAPED_AT.fullmatch(row[1])) is not None:
            if buffer.is_full():
                yield from buffer.samples()
            scraped_at = _stamp(stamp[1])
            if scraped_at is None:
                yield replace(_BAD_STAMP, line_number=row[0])
    yield from buffer.samples()
    if buffer.timeless:
        yield replace(
            _NO_TIME, message=f"{buffer.timeless} samples do not say when they were taken"
        )


def _add(
    buffer: _Buffer, index: SeriesIndex, row: tuple[int, bytes], scraped_at: datetime | None
) -> Reject | None:
    number, line = row
    # Nearly all lines: labels that were seen before and one or two numbers, each after one space.
    # LINE would divide them in the same way, for it did so with the series before.
    head, _, numbers = line.rpartition(b"} ")
    text = head + b"}"
    value, _, time = numbers.partition(b" ")
    own_time = time or None
    is_plain = text in index.ids and value and not (value + time).strip(NUMERALS)
    if not is_plain:
        match = LINE.fullmatch(line)
        if match is None:
            return replace(_BAD_LINE, line_number=number)
        text, value, own_time = match.groups()
    try:
        series_id = index.ids[text] if text in index.ids else index.add(text, _series(text))
    except ValueError:
        return replace(_BAD_LINE, line_number=number)
    if series_id is not None:
        buffer.add(series_id, value, number, scraped_at, own_time)
    return None


@lru_cache(maxsize=10_000)
def _series(text: bytes) -> Series:
    """The series of a spelling; the files of one process repeat each other's."""
    (family,) = text_string_to_metric_families(f"{text.decode()} 0\n")
    (sample,) = family.samples
    return Series(
        name=sample.name,
        labels={name: value for name, value in sample.labels.items() if value},
    )


def _own_time() -> pl.Expr:
    number = pl.col("own_time").cast(pl.Decimal(38, 6), strict=False)
    is_milliseconds = number.abs() >= FIRST_MILLISECONDS
    factor = pl.when(is_milliseconds).then(1_000).otherwise(1_000_000)
    return (number * factor).cast(pl.Int64, strict=False).cast(pl.Datetime("us"))


def _stamp(text: bytes) -> datetime | None:
    try:
        return parse_utc(text.decode(), None)
    except (TimestampError, UnicodeDecodeError):
        return None


def _name_stamp(path: InputPath) -> datetime | None:
    found = NAME_STAMP.search(path.name)
    return (
        None
        if found is None
        else _stamp(b"%b-%b-%bT%b:%b:%bZ" % tuple(part.encode() for part in found.groups()))
    )


_BAD_LINE = Reject(
    line_number=None,
    column_name=None,
    reason_code="bad_line",
    message="not a sample in the Prometheus text format",
    remedy="the line was cut or edited; scrape again",
)
_BAD_STAMP = replace(
    _BAD_LINE,
    reason_code="bad_timestamp",
    message="a scraped_at line without a UTC time; its scrape was not read",
    remedy="write `# scraped_at 2026-06-01T00:00:00Z`",
)
_NO_TIME = replace(
    _BAD_LINE,
    reason_code="no_timestamp",
    remedy="write `# scraped_at 2026-06-01T00:00:00Z` (UTC) before each scrape, or put the time of "
    "the only scrape into the file's name, such as metrics-20260601T000000Z.prom",
)
