"""Answers of the Prometheus HTTP API: query_range, and instant queries of a range selector."""

from collections.abc import Iterator

import msgspec
import polars as pl

from ingest.formats.prometheus_samples import (
    LONG_SCHEMA,
    Readings,
    Series,
    SeriesIndex,
    checked,
)
from ingest.source import Reject

Sample = tuple[float, str]  # unix seconds, value as text


class _Series(msgspec.Struct):
    metric: dict[str, str]
    values: list[Sample] = []
    value: Sample | None = None  # of an instant vector


class _Data(msgspec.Struct):
    kind: str = msgspec.field(name="resultType")
    result: list[_Series]


class _Answer(msgspec.Struct):
    status: str
    data: _Data | None = None


_decoder = msgspec.json.Decoder(_Answer)


def is_json(line: bytes) -> bool:
    """Whether a file that begins with this line holds API answers and not an exposition."""
    return line.lstrip().startswith(b"{")


def read_answers(
    rows: Iterator[tuple[int, bytes] | Reject], index: SeriesIndex
) -> Iterator[Readings | Reject]:
    """Samples of a file that is one JSON answer, or one answer a line.

    The whole file becomes one frame, because each metric of a GPU is usually an answer of its own.

    Args:
        rows: Lines with their numbers.
        index: Receives the series.

    Yields:
        Rejects for answers that cannot be read, and the samples of the others.
    """
    ids: list[int] = []
    times: list[float] = []
    values: list[str] = []
    numbers: list[int] = []
    for answer in _documents(rows):
        if isinstance(answer, Reject):
            yield answer
            continue
        number, data = answer
        for found in data.result:
            samples = found.values if found.value is None else [*found.values, found.value]
            series_id = _series_id(index, found.metric)
            if series_id is None or not samples:
                continue
            ids.extend([series_id] * len(samples))
            numbers.extend([number] * len(samples))
            times.extend([time for time, _ in samples])
            values.extend([value for _, value in samples])
    seconds = pl.Series(times, dtype=pl.Float64)
    frame = pl.DataFrame(
        {
            "series_id": pl.Series(ids, dtype=pl.Int32),
            "sampled_at": (seconds * 1e6).round().cast(pl.Int64).cast(LONG_SCHEMA["sampled_at"]),
            "value": pl.Series(values, dtype=pl.String),
            "line_number": pl.Series(numbers, dtype=pl.Int64),
        }
    )
    yield from checked(frame, index.series)


def _series_id(index: SeriesIndex, metric: dict[str, str]) -> int | None:
    key = frozenset(metric.items())
    if key in index.ids:
        return index.ids[key]
    labels = {name: value for name, value in metric.items() if value and name != "__name__"}
    return index.add(key, Series(name=metric.get("__name__", ""), labels=labels))


def _documents(
    rows: Iterator[tuple[int, bytes] | Reject],
) -> Iterator[tuple[int, _Data] | Reject]:
    held = []
    for row in rows:
        if isinstance(row, Reject):
            yield row
        else:
            held.append(row)
    is_one_a_line = len(held) == 1 or _is_complete(held[0][1])
    if not is_one_a_line:
        held = [(1, b"\n".join(line for _, line in held))]
    for number, text in held:
        yield _decoded(number, text)


def _is_complete(line: bytes) -> bool:
    """Whether the first line is a document of its own; a pretty-printed one starts with `{`."""
    return line.lstrip()[1:].strip() != b""


def _decoded(number: int, text: bytes) -> tuple[int, _Data] | Reject:
    try:
        answer = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _rejected(number, "bad_json", "not an answer of the Prometheus API, or cut off")
    if answer.status != "success" or answer.data is None:
        return _rejected(number, "failed_query", "Prometheus answered that the query failed")
    if answer.data.kind not in {"matrix", "vector"}:
        return _rejected(number, "bad_result_type", "the query returned no series")
    return number, answer.data


def _rejected(number: int, code: str, message: str) -> Reject:
    return Reject(
        line_number=number,
        column_name=None,
        reason_code=code,
        message=message,
        remedy="export again: GET /api/v1/query_range, or /api/v1/query with a metric[1h] selector",
    )
