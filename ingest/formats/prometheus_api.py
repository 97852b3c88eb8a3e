"""Answers of the Prometheus HTTP API: query_range, and instant queries of a range selector."""

from collections.abc import Iterator
from typing import Final

import msgspec
import polars as pl

from ingest.formats.json_values import json_values
from ingest.formats.prometheus_samples import LONG_SCHEMA, Samples, Series, SeriesIndex
from ingest.source import InputFile, Reject

# Python holds about 200 bytes for a sample, the columns made of them about 40.
BATCH_SAMPLES: Final = 200_000

Sample = tuple[float, str]  # unix seconds, value as text


class _Series(msgspec.Struct):
    metric: dict[str, str]
    values: msgspec.Raw = msgspec.Raw(b"[]")  # list[Sample], decoded one series at a time
    value: Sample | None = None  # of an instant vector


class _Data(msgspec.Struct):
    kind: str = msgspec.field(name="resultType")
    result: list[_Series]


class _Answer(msgspec.Struct):
    status: str
    data: _Data | None = None


_decoder = msgspec.json.Decoder(_Answer)
_values_decoder = msgspec.json.Decoder(list[Sample])


class _Columns:
    """Samples since the last flush, column by column."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.samples: list[Sample] = []
        self.numbers: list[int] = []

    def add(self, series_id: int, samples: list[Sample], number: int) -> None:
        self.ids += [series_id] * len(samples)
        self.samples += samples
        self.numbers += [number] * len(samples)

    def take(self) -> Samples:
        seconds = pl.Series([time for time, _ in self.samples], dtype=pl.Float64)
        columns = {
            "series_id": pl.Series(self.ids, dtype=pl.Int32),
            "sampled_at": (seconds * 1e6).round().cast(pl.Int64).cast(LONG_SCHEMA["sampled_at"]),
            "value": pl.Series([value for _, value in self.samples], dtype=pl.String),
            "line_number": pl.Series(self.numbers, dtype=pl.Int64),
        }
        for column in (self.ids, self.samples, self.numbers):
            column.clear()
        return Samples(frame=pl.DataFrame(columns), is_whole=False)


def is_json(line: bytes) -> bool:
    """Whether a file that begins with this line holds API answers and not an exposition."""
    return line.lstrip().startswith(b"{")


def read_answers(file: InputFile, index: SeriesIndex) -> Iterator[Samples | Reject]:
    """Samples of a file that is one JSON answer, or several.

    Args:
        file: Answers, one a line or over many lines.
        index: Receives the series.

    Yields:
        Rejects for answers, or series of them, that cannot be read; and the samples of the others
        in parts of bounded size. No part is whole: each metric of a GPU is usually an answer of its
        own.
    """
    columns = _Columns()
    for row in json_values(file):
        if isinstance(row, Reject):
            yield row
            continue
        number, is_sound, answer = row[0], True, _decoded(*row)
        if isinstance(answer, Reject):
            yield answer
            continue
        for found in answer.result:
            series_id, samples = _series_id(index, found.metric), _samples(found)
            if samples is None:
                is_sound = False
            elif series_id is not None:
                columns.add(series_id, samples, number)
            if len(columns.ids) >= BATCH_SAMPLES:
                yield columns.take()
        if not is_sound:
            yield _rejected(number, "bad_json", 'a series whose values are not [time, "value"]')
    yield columns.take()


def _series_id(index: SeriesIndex, metric: dict[str, str]) -> int | None:
    key = frozenset(metric.items())
    if key in index.ids:
        return index.ids[key]
    labels = {name: value for name, value in metric.items() if value and name != "__name__"}
    return index.add(key, Series(name=metric.get("__name__", ""), labels=labels))


def _samples(found: _Series) -> list[Sample] | None:
    """The samples of a series; None if they are something else."""
    try:
        samples = _values_decoder.decode(found.values)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return samples if found.value is None else [*samples, found.value]


def _decoded(number: int, text: bytes) -> _Data | Reject:
    try:
        answer = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _rejected(number, "bad_json", "not an answer of the Prometheus API, or cut off")
    if answer.status != "success" or answer.data is None:
        return _rejected(number, "failed_query", "Prometheus answered that the query failed")
    if answer.data.kind not in {"matrix", "vector"}:
        return _rejected(number, "bad_result_type", "the query returned no series")
    return answer.data


def _rejected(number: int, code: str, message: str) -> Reject:
    return Reject(
        line_number=number,
        column_name=None,
        reason_code=code,
        message=message,
        remedy="export again: GET /api/v1/query_range, or /api/v1/query with a metric[1h] selector",
    )
