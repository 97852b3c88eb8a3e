"""The plain form of an observation is a faster way to the same values, never to others."""

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_trials import (
    NUMBERS,
    SIZES,
    VALUES,
    WHOLE_SIZES,
    changes,
    check_form,
    check_lines,
    input_of,
    is_plain,
    lines_of,
    objects,
    one_change_each,
    text_of,
)
from polars.testing import assert_frame_equal
from reader_trials import read_all
from translated import GOLDEN

from ingest.formats.langfuse_plain import Observation
from ingest.formats.langfuse_usage import CLASSES, INPUT, OUTPUT
from ingest.formats.plain_fields import NAME_LIMIT
from ingest.schema import conform
from ingest.source import Reject
from ingest.sources.langfuse import SOURCE, plain_form

FORMS = [plain_form({}), plain_form({"team_tag": "team"})]
GOLDEN_PATH = GOLDEN / "langfuse" / "input.ndjson"
ROWS = [json.loads(line) for line in GOLDEN_PATH.read_text().splitlines()]
NAMES = ["total", "total_tokens", "input_thermal_tokens", "web_search", "unit", "inputCost"]
NAMES += [*INPUT, *OUTPUT, *CLASSES, "output_reasoning_tokens", 'quo"te', "promptTokens"]
COUNTS = ["0", "3", "7", "50", '"7"', '"400"', "400", "null", "1.5", "-1", '"1.0"', '"null"']
USAGES = [
    {"input": 9, "input_cached_tokens": 4, "input_audio": 5, "output": 2, "total": 11},
    {"input": 9, "input_cached_tokens": 4, "input_audio": 6, "output": 2, "total": 11},
    {"input": 9, "output": 2, "output_reasoning": 3, "output_reasoning_tokens": 1, "total": 11},
    {"input_cached_tokens": 4, "output": 2, "output_reasoning_tokens": 1, "total": 2},
    {"input": 9, "input_cache_creation_5m": 3, "total": None, "total_tokens": 12},
    {"total": 7, "total_tokens": 9, "total_tokens_tokens": 3},
    {"total": 0},
    {"input": 0, "input_thermal_tokens": 0},
    {"unit": 5, "inputCost": 6},
    {"input": None},
]
ANY_USAGE = st.sampled_from([json.dumps(one) for one in USAGES]) | objects(NAMES, COUNTS)
COSTS = objects(["total", "input", "output"], [*NUMBERS, "null", '"0.5"', '"much"', '""'])
KINDS = ['"GENERATION"', '"generation"', '"EMBEDDING"', '"SPAN"', '""', '"null"', "null", "5"]
UNITS = ['"TOKENS"', '"tokens"', '"CHARACTERS"', '""', '"null"', "null", "1"]
METADATA = ['{"team": "search"}', '{"team": 5}', '{"team": ""}', '"{}"', '{"x": "\\ud800"}', "[]"]
FIELDS = dict.fromkeys((*Observation.__struct_fields__, "output", "latency"), VALUES) | {
    "type": KINDS,
    "unit": UNITS,
    "level": ['"ERROR"', '"DEFAULT"', '"null"', "null", "7", "[]"],
    "metadata": METADATA,
    "data": ["null", "[]", '[{"id": "p"}]', "5"],
    "usageDetails": [*map(json.dumps, USAGES), "{}", "null", '""', "[]"],
    "usage": ['{"input": 5}', '""', "{}", "null", "[]", '{"input": "x"}'],
    "costDetails": ["{}", "null", '{"total": null}', '{"total": "0.5"}', '{"total": true}', "[]"],
    "id": ['"a"', '""', '"null"', "7", "null", '"\\ud800"'],
}
CHANGED = st.builds(
    lambda changed, usage, cost, other: (
        changed
        | ({} if usage is None else {other[0]: usage})
        | ({} if cost is None else {other[1]: cost})
    ),
    changes(FIELDS),
    st.none() | ANY_USAGE,
    st.none() | COSTS,
    st.tuples(
        st.sampled_from(["usageDetails", "usage_details", "usage"]),
        st.sampled_from(["costDetails", "cost_details"]),
    ),
)
API: dict[str, Any] = {
    "id": "obs-1",
    "traceId": "tr-1",
    "parentObservationId": None,
    "type": "GENERATION",
    "level": "DEFAULT",
    "startTime": "2026-11-20T14:03:11.482Z",
    "endTime": "2026-11-20T14:03:20.117Z",
    "completionStartTime": "2026-11-20T14:03:12.655Z",
    "model": "claude-sonnet-4-5",
    "modelParameters": {"max_tokens": 4096},
    "input": [{"role": "user", "content": "hello"}],
    "usage": {"unit": "TOKENS", "input": 12, "output": 440, "total": 452},
    "usageDetails": {"input": 12, "output": 440, "total": 452},
    "costDetails": {"input": 3.6e-05, "output": 0.0066, "total": 0.006636},
    "calculatedTotalCost": 0.006636,
    "metadata": {"team": "search"},
    "promptTokens": 12,
    "completionTokens": 440,
    "totalTokens": 452,
    "unit": "TOKENS",
    "userId": None,
}
# As ClickHouse writes it, which puts whole numbers of 64 bits in quotes.
BLOB: dict[str, Any] = {
    "id": "obs-1",
    "trace_id": "tr-1",
    "project_id": "p-1",
    "environment": "default",
    "type": "GENERATION",
    "start_time": "2026-11-20 14:03:11.482000",
    "end_time": "2026-11-20 14:03:20.117",
    "completion_start_time": None,
    "provided_model_name": "gpt-5-mini",
    "metadata": {"team": "search"},
    "usage_details": {"input": "12", "output": "440", "total": "452"},
    "cost_details": {"total": "0.006636"},
    "total_cost": "0.006636",
    "level": "ERROR",
}
EXPORTED: dict[str, dict[str, Any]] = {
    "API": API,
    "blob": BLOB,
    "span": API | {"type": "SPAN", "usageDetails": {}, "costDetails": {}, "model": None},
    "event without an end": API | {"type": "EVENT", "endTime": None},
    "embedding": API | {"type": "EMBEDDING", "usageDetails": {"input": 64, "total": 64}},
    "failed": API | {"level": "ERROR", "usageDetails": {}, "costDetails": {}, "usage": None},
    "without cost": API | {"costDetails": {}, "calculatedTotalCost": None},
    "older cost": API | {"costDetails": None},
    "inclusive": API | {"usageDetails": {"input": 9, "input_cached_tokens": 4, "total": 9}},
    "residual": API | {"usageDetails": {"input": 9, "total": 10}},
    "unknown kind": API | {"usageDetails": {"input": 9, "input_thermal_tokens": 1, "total": 10}},
    "as sent": API | {"usageDetails": {"prompt_tokens": 9, "total_tokens": 9, "cached.x-y": 0}},
    "least": {"id": "a", "startTime": "2026-05-04T09:15:02Z"},
    "characters": API | {"unit": "CHARACTERS"},
}
NO_REQUESTS = ("span", "event without an end")


@settings(
    deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=lines_of(ROWS, CHANGED), form=st.sampled_from(FORMS), sizes=SIZES)
def test_whatever_the_observations_hold_both_ways_give_the_same(
    tmp_path: Path, lines: list[bytes], form: Any, sizes: tuple[int, ...]
) -> None:
    check_lines(tmp_path / "log.ndjson", lines, form, sizes)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("row", [API, BLOB, EXPORTED["older cost"], EXPORTED["least"]])
def test_each_value_of_each_field_is_the_same_both_ways(
    tmp_path: Path, row: dict[str, Any], form: Any
) -> None:
    lines = one_change_each(row, FIELDS)
    check_lines(tmp_path / "log.ndjson", lines, form, WHOLE_SIZES)


@pytest.mark.parametrize("form", FORMS)
def test_the_golden_observations_are_the_same_both_ways(form: Any) -> None:
    check_form(input_of(GOLDEN_PATH), form)


@pytest.mark.parametrize("name", EXPORTED)
@pytest.mark.parametrize("form", FORMS)
def test_an_observation_as_it_is_exported_is_plain(name: str, form: Any) -> None:
    assert is_plain(form, EXPORTED[name])


def test_usage_of_many_names_is_told_in_full(tmp_path: Path) -> None:
    usages = [{"input": 1, f"part_{number}": number} for number in range(2 * NAME_LIMIT)]
    path = tmp_path / "log.ndjson"
    path.write_text("".join(json.dumps(API | {"usageDetails": one}) + "\n" for one in usages))
    told = [json.loads(text) for text in check_form(input_of(path), FORMS[0])["reported_details"]]
    prefix = "usageDetails."
    found = [{k.removeprefix(prefix): n for k, n in one.items() if prefix in k} for one in told]
    assert found == usages


def test_a_cost_is_read_as_the_shortest_form_of_its_number(tmp_path: Path) -> None:
    costs = ["1.7999999999999998e-07", "0.0000000000005000000000000000001", "5e-13", "0", '"2e-13"']
    lines = [
        text_of({"id": '"a"', "startTime": '"2026-05-04T09:15:02Z"', "costDetails": cost}).encode()
        for cost in (text_of({"total": cost}) for cost in costs)
    ]
    check_lines(tmp_path / "log.ndjson", lines, FORMS[0], (1, 1, 1))


def test_a_part_of_a_file_gives_the_rows_and_rejects_of_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "log.ndjson"
    lines = [json.dumps(API), "no JSON", *map(json.dumps, EXPORTED.values())]
    path.write_text("\n".join(lines) + "\n")
    (frames, rejects), whole = ([], []), input_of(path)
    ends = [0, len(lines[0]) + 1, path.stat().st_size]  # the second part begins with the fault
    for number, (start, end) in enumerate(itertools.pairwise(ends), 1):
        for item in SOURCE.read(replace(whole, first_byte=start, first_line=number, end_byte=end)):
            (rejects if isinstance(item, Reject) else frames).append(item)
    found, wanted_rejects = read_all(SOURCE, path)
    parts = pl.concat([conform(batch.frame, batch.table) for batch in frames])
    assert_frame_equal(parts, found["usage_events"])
    assert rejects == wanted_rejects
    assert parts.height == 1 + len(EXPORTED) - len(NO_REQUESTS)
