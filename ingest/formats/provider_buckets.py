"""Reports of a provider's admin API: pages of buckets of results, grouped by dimensions."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

import msgspec

from ingest.formats.json_values import NumberedValue, members, records
from ingest.formats.provider_fields import dimension
from ingest.records import RECORD_ERRORS, FieldError, reject_record
from ingest.source import InputFile, Reject
from ingest.times import TimestampError, from_epoch, parse_utc

GRAINS: Final = {
    "bucket_1m": timedelta(minutes=1),
    "bucket_1h": timedelta(hours=1),
    "bucket_1d": timedelta(days=1),
}
# Numbers with a fraction keep every digit of their text.
FIELDS: Final = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
ENCODER: Final = msgspec.json.Encoder(order="sorted")


class _Bucket(msgspec.Struct):
    """A window; OpenAI counts seconds since 1970, Anthropic writes RFC 3339."""

    results: list[msgspec.Raw]
    start_time: int | None = None
    end_time: int | None = None
    starting_at: str | None = None
    ending_at: str | None = None


BUCKET: Final = msgspec.json.Decoder(_Bucket)


@dataclass(frozen=True, kw_only=True)
class Result:
    """One result of a bucket.

    Attributes:
        natural_key: Grain, start of the window and dimensions: what a later delivery repeats.
        fields: As reported; numbers are int, or Decimal with every digit.
    """

    natural_key: str
    grain: str
    started_at: datetime
    ended_at: datetime
    fields: Mapping[str, Any]


def bucket_results(
    file: InputFile, dimensions: Sequence[str]
) -> Iterator[tuple[int, Result] | Reject]:
    """Results of all buckets of a file: one page or several, or bare buckets, one a line.

    Args:
        file: Its text is JSON.
        dimensions: The fields that tell the results of one bucket apart.

    Yields:
        (line on which the result begins, result), or a reject for a bucket or result that cannot
        be read.
    """
    for item in records(file, "data"):
        if isinstance(item, Reject):
            yield item
            continue
        number, text = item
        try:
            bucket = BUCKET.decode(text)
            window = _window(bucket)
        except RECORD_ERRORS as error:
            yield reject_record(error, number)
        else:
            rows = list(members(number, bytes(text), bucket.results))
            yield from _results(rows, window, dimensions)


def _results(
    rows: Sequence[NumberedValue], window: tuple[str, datetime, datetime], dimensions: Sequence[str]
) -> Iterator[tuple[int, Result] | Reject]:
    found: list[tuple[int, dict[str, Any], str]] = []
    for number, text in rows:
        try:
            fields = FIELDS.decode(text)
            found.append((number, fields, _natural_key(window, fields, dimensions)))
        except RECORD_ERRORS as error:
            yield reject_record(error, number)
    repeats = Counter(key for _, _, key in found)
    grain, started_at, ended_at = window
    for number, fields, key in found:
        if repeats[key] > 1:
            key += _other_texts(fields, dimensions)
        yield (
            number,
            Result(
                natural_key=key,
                grain=grain,
                started_at=started_at,
                ended_at=ended_at,
                fields=fields,
            ),
        )


def _natural_key(
    window: tuple[str, datetime, datetime], fields: dict[str, Any], dimensions: Sequence[str]
) -> str:
    named = {name: dimension(fields, name) for name in dimensions}
    given = {name: value for name, value in named.items() if value is not None}
    return ENCODER.encode([window[0], window[1], given]).decode()


def _other_texts(fields: dict[str, Any], dimensions: Sequence[str]) -> str:
    """Tell results apart by a dimension that is newer than this reader; hashed, it may be private.

    Used only where the known dimensions repeat inside one bucket; equal results stay equal.
    """
    texts = {
        name: value
        for name, value in fields.items()
        if name not in dimensions and isinstance(value, str | bool)
    }
    return f"#{sha256(ENCODER.encode(texts)).hexdigest()[:16]}"


def _window(bucket: _Bucket) -> tuple[str, datetime, datetime]:
    """Grain, start and end; a bucket that is cut off at the present keeps its grain.

    Raises:
        FieldError: No window, or not one of at most a day.
    """
    if bucket.start_time is not None and bucket.end_time is not None:
        start = _moment("start_time", bucket.start_time)
        end = _moment("end_time", bucket.end_time)
    elif bucket.starting_at and bucket.ending_at:
        start = _moment("starting_at", bucket.starting_at)
        end = _moment("ending_at", bucket.ending_at)
    else:
        raise FieldError("start_time", "a bucket without start and end", "missing_value")
    if end > start:
        for grain, width in GRAINS.items():
            if end - start <= width:
                return grain, start, end
    raise FieldError("end_time", "a bucket that is not of a minute, an hour or a day")


def _moment(name: str, value: int | str) -> datetime:
    try:
        return from_epoch(value, "s") if isinstance(value, int) else parse_utc(value, None)
    except TimestampError as error:
        raise FieldError(name, str(error), error.reason_code) from error
