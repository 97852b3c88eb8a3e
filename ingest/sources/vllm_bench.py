"""Results of `vllm bench serve --save-result`: what a configuration of your own can do."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
import polars as pl

from ingest.readers import whole_text
from ingest.records import FieldError, event_ids, reject_record
from ingest.schema import BENCHMARK_RUNS
from ingest.source import Batch, InputFile, Reject, Source
from ingest.times import TimestampError, parse_utc, stated_zone

NAME: Final = "vllm_bench"
DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})-(\d{2})(\d{2})(\d{2})")
# Column -> the producer's field.
TEXTS: Final = {"backend_name": "backend", "model_name": "model_id", "label": "label"}
COUNTS: Final = {
    "max_concurrency": "max_concurrency",
    "completed_requests": "completed",
    "failed_requests": "failed",
    "input_tokens": "total_input_tokens",
    "output_tokens": "total_output_tokens",
}
NUMBERS: Final = {
    "request_rate": "request_rate",
    "duration_seconds": "duration",
    "output_tokens_per_second": "output_throughput",
    "total_tokens_per_second": "total_token_throughput",
}
MILLISECONDS: Final = {
    "time_to_first_token_p50_seconds": "median_ttft_ms",
    "time_to_first_token_p99_seconds": "p99_ttft_ms",
    "time_per_output_token_p50_seconds": "median_tpot_ms",
    "time_per_output_token_p99_seconds": "p99_tpot_ms",
}
PLACED: Final = frozenset(
    (*TEXTS.values(), *COUNTS.values(), *NUMBERS.values(), *MILLISECONDS.values(), "date")
)
INFINITE: Final = "inf"
COUNT_LIMIT: Final = 2**53
LOCAL_PATH: Final = re.compile(r"[/~.\\]|[A-Za-z]:\\")
# Free metadata is kept, text that was generated or failed is not, in whatever shape.
PRIVATE: Final = re.compile("text|error|prompt|body|header|key|token$", re.IGNORECASE)
NOT_PRIVATE: Final = frozenset(("num_prompts",))
NEXT: Final = re.compile(r"\S")
CUT: Final = re.compile(r"^\{", re.MULTILINE)
ENCODER: Final = msgspec.json.Encoder(order="sorted")


def read(file: InputFile) -> Iterator[Batch | Reject]:
    """Translate one file of results: a JSON object, or several in a row as append mode writes.

    The date is local: sources.toml states `time_zone`. Generated texts, errors and the lists of
    single requests are left out.
    """
    text = whole_text(file)
    if isinstance(text, Reject):
        yield text
        return
    rows = []
    for number, found in _documents(text):
        try:
            rows.append(_row(number, found, file))
        except TimestampError as error:
            yield error.reject(number, "date")
        except FieldError as error:
            yield reject_record(error, number)
    if rows:
        yield Batch(table="benchmark_runs", frame=pl.DataFrame(rows, schema=_schema(rows[0])))


def _schema(row: Mapping[str, object]) -> dict[str, pl.DataType]:
    return {name: BENCHMARK_RUNS[name] for name in row}


def _documents(text: str) -> Iterator[tuple[int, object]]:
    """Each JSON document with the line on which it begins; None stands for what is no JSON.

    Python's own parser, because it tells where a document ends and takes the NaN that Python
    wrote.
    """
    decoder = json.JSONDecoder(parse_constant=lambda _: None)
    place = 0
    while (start := NEXT.search(text, place)) is not None:
        number = text.count("\n", 0, start.start()) + 1
        try:
            found, place = decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            # Where a run was cut, the next one begins on a line of its own.
            cut = CUT.search(text, start.end())
            found, place = None, cut.start() if cut else len(text)
        yield number, found


def _row(number: int, found: object, file: InputFile) -> dict[str, object]:
    if not isinstance(found, dict):
        raise FieldError("date", "not a complete JSON object", "bad_json")
    scalars = {name: _public(value) for name, value in found.items() if _is_kept(name, value)}
    started = parse_utc(_date(found), stated_zone(file), source=NAME)
    try:
        natural = ENCODER.encode(scalars).decode()
    except (UnicodeEncodeError, OverflowError) as error:
        raise FieldError("configuration", "a text or number that is none") from error
    return {
        "run_id": event_ids(NAME, file.instance, [natural])[0],
        "started_at": started,
        **{column: _text(scalars.get(name)) for column, name in TEXTS.items()},
        **{column: _count(found, name) for column, name in COUNTS.items()},
        **{column: _number(found, name) for column, name in NUMBERS.items()},
        **{column: _seconds(found, name) for column, name in MILLISECONDS.items()},
        "configuration": ENCODER.encode(
            {name: value for name, value in scalars.items() if name not in PLACED}
        ).decode(),
        "line_number": number,
    }


def _is_kept(name: str, value: object) -> bool:
    is_scalar = value is None or isinstance(value, str | int | float)
    is_metric = name in PLACED or name in NOT_PRIVATE or not PRIVATE.search(name)
    return is_scalar and (is_metric or isinstance(value, int | float))


def _date(found: Mapping[str, object]) -> str:
    text = found.get("date")
    match = DATE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise FieldError("date", "not a local time as YYYYMMDD-HHMMSS", "bad_timestamp")
    year, month, day, hour, minute, second = match.groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}"


def _public(value: object) -> object:
    """A value; of a local path only the last part, since paths are private."""
    if isinstance(value, str) and LOCAL_PATH.match(value):
        return re.split(r"[/\\]", value.rstrip("/\\"))[-1]
    return value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(found: Mapping[str, object], name: str) -> int | None:
    value = found.get(name)
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < COUNT_LIMIT:
        raise FieldError(name, "not a whole number from 0")
    return value


def _number(found: Mapping[str, object], name: str) -> float | None:
    value = found.get(name)
    if value is None or value == INFINITE:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e300:
        raise FieldError(name, "not a number from 0")
    return float(value)


def _seconds(found: Mapping[str, object], name: str) -> float | None:
    value = _number(found, name)
    return None if value is None else value / 1000


SOURCE: Final = Source(
    name=NAME,
    role="telemetry",
    tables=("benchmark_runs",),
    version=1,
    description="Results of vllm bench serve --save-result, also --append-result",
    docs="https://docs.vllm.ai/en/latest/cli/bench/serve.html",
    read=read,
)
